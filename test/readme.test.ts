import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { OPTIONS as AGENT } from "../agent/cli/options.ts";
import { FLAGS as BUILD } from "../scripts/build/options.ts";
import type { OptionTable } from "../shared/lib/options.ts";
import { OPTIONS as COORDINATOR } from "../worker/serve/options.ts";
import { OPTIONS as SIMULATOR } from "./simulate/options.ts";
import { FLAGS as SOAK } from "./soak/options.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const inDocs = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return inDocs(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
const DOCUMENTS = ["README.md", "README.ja.md", "CONTRIBUTING.md", "PROTOCOL.md", ...inDocs("docs")];

const codeBlocks = (text: string): { language: string; code: string }[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = "", code = ""]) => ({
    language,
    code,
  }));
const withoutBlocks = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, "");
const inlineCode = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
/** Everything in a document that a reader may type. */
const commands = (text: string): string[] => [
  ...codeBlocks(text).flatMap(({ code }) => code.split("\n")),
  ...inlineCode(text),
];

/** Every spelling of a program's flags. */
function flagsOf(table: OptionTable): Set<string> {
  return new Set(
    Object.values(table).flatMap(({ flag, kind }) =>
      flag === false ? [] : kind === "boolean" ? [`--${flag}`, `--no-${flag}`] : [`--${flag}`],
    ),
  );
}
const FLAGS = {
  start: flagsOf(COORDINATOR),
  "run agent": flagsOf(AGENT),
  "run simulate": new Set(Object.keys(SIMULATOR).map((name) => `--${name}`)),
  "run build": new Set(Object.keys(BUILD).map((name) => `--${name}`)),
  "run soak": new Set(Object.keys(SOAK).map((name) => `--${name}`)),
};
const ALL_FLAGS = new Set(Object.values(FLAGS).flatMap((flags) => [...flags]));

const flagsIn = (text: string): string[] => text.match(/(?<=^|\s)--[a-z][a-z-]*/g) ?? [];

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`*_]/g, "")
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replace(/ /g, "-");
const headings = (text: string): { level: number; title: string }[] =>
  [...withoutBlocks(text).matchAll(/^(#{1,6}) (.+)$/gm)].map(([, marks = "", title = ""]) => ({
    level: marks.length,
    title,
  }));

describe.each(DOCUMENTS)("%s", (path) => {
  const text = read(path);

  test("every npm script that it names exists", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = commands(text).flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test))\b/g)].map(
        ([, script, short]) => script ?? short ?? "",
      ),
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test("every flag that it names is one of the programs'", () => {
    const wrong: string[] = [];
    for (const line of commands(text)) {
      for (const [program, known] of Object.entries(FLAGS)) {
        const [, rest = ""] = line.split(`npm ${program} -- `);
        wrong.push(...flagsIn(rest).filter((flag) => !known.has(flag)));
      }
      // A flag that stands for itself is one of ours.
      if (line.startsWith("--")) {
        wrong.push(...flagsIn(line).filter((flag) => !ALL_FLAGS.has(flag)));
      }
    }
    expect(wrong).toEqual([]);
  });

  test("every file that it names exists", () => {
    const top = new Set(readdirSync(ROOT));
    const made = new Set(["wrangler.deploy.toml", ".data", "node_modules", "dist"]);
    const paths = inlineCode(text).filter((code) => {
      const [first = ""] = code.split("/");
      return /^[\w.@-]+(\/[\w.@-]*)*$/.test(code) && top.has(first) && !made.has(first);
    });
    expect(paths.filter((named) => !existsSync(join(ROOT, named)))).toEqual([]);
  });

  test("every link within the project leads somewhere", () => {
    const broken = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file = "", anchor] = target.split("#");
        const to = file === "" ? path : join(dirname(path), file);
        if (!existsSync(join(ROOT, to))) return true;
        return anchor !== undefined && !headings(read(to)).some(({ title }) => anchorOf(title) === anchor);
      });
    expect(broken).toEqual([]);
  });
});

describe("README.ja.md says what README.md says", () => {
  const english = read("README.md");
  const japanese = read("README.ja.md");
  const bothDo = (what: (text: string) => unknown): void => expect(what(japanese)).toEqual(what(english));

  test("with the same headings", () => bothDo((text) => headings(text).map(({ level }) => level)));

  test("with the same code blocks, in which only the picture is translated", () =>
    bothDo((text) =>
      codeBlocks(text).map(({ language, code }) => (language === "mermaid" ? language : { language, code })),
    ));

  test("with the same commands and names in the text", () => bothDo((text) => inlineCode(text).sort()));

  test("with the same tables", () =>
    bothDo((text) => text.split("\n").filter((line) => line.startsWith("|")).length));

  test("with the same links", () =>
    bothDo((text) =>
      [...text.matchAll(/\]\(([^)]+)\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !target.startsWith("README"))
        .sort(),
    ));
});

test("the costs are reckoned with as many index entries as a row of the history has", () => {
  const migrations = readdirSync(join(ROOT, "migrations")).filter((name) => name.endsWith(".sql"));
  const sql = migrations.map((name) => read(`migrations/${name}`)).join("\n");
  // Some are dropped and made anew; those with a condition have few of the rows.
  const made = sql.matchAll(/^CREATE (?:UNIQUE )?INDEX `(\w+)` ON `requests` \([^)]*\);/gm);
  const indexes = new Set([...made].map(([, name]) => name)).size;
  // The row, its text primary key, which is an index of its own, and the others.
  expect(read("docs/operating.md")).toContain(`| ${2 + indexes}; about`);
});

describe("nothing in the tree names a machine", () => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .filter((path) => !/\.(png|ico|jpg|gif|woff2|gz|zip)$/.test(path));

  const withAny = (pattern: RegExp): string[] =>
    files.flatMap((path) =>
      read(path)
        .split("\n")
        .flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
    );

  test("no absolute path of one", () => {
    const here = ROOT.replace(/[\\/]+$/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    expect(withAny(new RegExp(here))).toEqual([]);
    expect(
      withAny(/(?<![\w.~])\/(?:Users|home|root|work|workspace)\/[\w-]{2,}|\b[A-Z]:\\(?:Users|work)\\/),
    ).toEqual([]);
  });

  test("no host of a package registry, and the lock file says of no package where it came from", () => {
    const own = URL.parse(process.env.npm_config_registry ?? "")?.host;
    const hosts = [
      ["registry", "npmjs", "org"],
      ["registry", "yarnpkg", "com"],
    ].map((parts) => parts.join("\\."));
    if (own !== undefined) hosts.push(own.replaceAll(".", "\\."));
    expect(withAny(new RegExp(hosts.join("|")))).toEqual([]);
    expect(read("package-lock.json")).not.toContain('"resolved"');
  });
});
