import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["shared", "agent", "worker", "test"];

/** Rules that PROTOCOL.md defines: a number in bold at the beginning of a paragraph or an item. */
function definedRules(): string[] {
  const text = readFileSync(join(ROOT, "PROTOCOL.md"), "utf8");
  return [...text.matchAll(/^(?:- )?\*\*(TN\d+)\b/gm)].map(([, rule]) => rule ?? "");
}

/** Source files by path, without those that a build or an installation put there. */
function sources(): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !entry.name.endsWith(".ts") || /node_modules|[\\/]dist[\\/]/.test(path))
        continue;
      files.set(path, readFileSync(path, "utf8"));
    }
  }
  return files;
}

/** Rules that a title such as "TN9: …" or "TN12, TN21: …" promises. */
function titledRules(text: string): string[] {
  const titles = text.matchAll(/["'`]((?:TN\d+, )*TN\d+): /g);
  return [...titles].flatMap(([, rules]) => rules?.split(", ") ?? []);
}

describe("PROTOCOL.md", () => {
  const defined = definedRules();
  const files = sources();

  test("numbers its rules from TN1 without a gap and each once", () => {
    expect(defined.length).toBeGreaterThan(0);
    // In the order of the document a rule stands where it is needed, so only the set counts.
    expect(new Set(defined)).toEqual(new Set(defined.map((_, at) => `TN${at + 1}`)));
  });

  test("every rule is named by the title of a test", () => {
    const titled = new Set<string>();
    for (const [path, text] of files) {
      if (path.endsWith(".test.ts")) for (const rule of titledRules(text)) titled.add(rule);
    }
    expect(defined.filter((rule) => !titled.has(rule))).toEqual([]);
  });

  test("every rule that the code names is there", () => {
    const known = new Set(defined);
    const unknown: string[] = [];
    for (const [path, text] of files) {
      for (const [rule] of text.matchAll(/\bTN[1-9]\d*\b/g))
        if (!known.has(rule)) unknown.push(`${rule} in ${path}`);
    }
    expect(unknown).toEqual([]);
  });
});
