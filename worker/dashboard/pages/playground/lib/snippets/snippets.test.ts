import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hasPython, python } from "../../../../../../test/support/python.ts";
import { type Chat, DEFAULTS, DIALECTS } from "../chat.ts";
import { chatRequest } from "../chat-request.ts";
import { HOSTILE } from "../testing/hostile.ts";
import { SNIPPETS, snippet } from "./snippets.ts";

const BASE = "https://llm.example.com";
const BYTES = Buffer.from("a picture\0\xff\n", "latin1");
const FILE = "cat $(id) 'n\" 猫.png";
const folder = mkdtempSync(join(tmpdir(), "snippets-"));
writeFileSync(join(folder, FILE), BYTES);
afterAll(() => rmSync(folder, { recursive: true }));

const clean = (text: string): string => text.toWellFormed();
const PICTURE = {
  name: FILE,
  type: "image/png",
  base64: BYTES.toString("base64"),
  bytes: BYTES.length,
} as const;

const chat = (texts: readonly string[], change: Partial<Chat> = {}): Chat => ({
  model: "qwen3:8b",
  agent: { id: "id-1", name: "Studio Mac's" },
  messages: texts.flatMap((text) => [
    { role: "user", text, pictures: [] },
    { role: "assistant", text },
  ]),
  parameters: { ...DEFAULTS, system: HOSTILE.join("|"), temperature: 0.5, think: false, json: true },
  ...change,
});
const WITHOUT = chat(HOSTILE);
const WITH = chat([], { messages: [{ role: "user", text: "what?", pictures: [PICTURE, PICTURE] }] });
const CASES: [string, Chat][] = [
  ["hostile text", WITHOUT],
  ["pictures", WITH],
  ["the defaults", chat(["hi"], { parameters: DEFAULTS, agent: undefined })],
];

/** As it was sent from the page, but with text that has a UTF-8. */
const asked = (dialect: "ollama" | "openai" | "anthropic", of: Chat): unknown =>
  JSON.parse(JSON.stringify(chatRequest(dialect, of).body), (_, value) =>
    typeof value === "string" ? clean(value) : value,
  );

/** What a command line calls, in place of the program: its words, and then its input. */
function called(name: string, line: string): { words: string[]; input: string } {
  const script = `${name}() { printf '%s\\0' "$OLLAMA_HOST" "$@"; cat; }\n${line}`;
  // Not as a word of its own command line: that is what is too short for the longest.
  writeFileSync(join(folder, "script"), script);
  const out = execFileSync("sh", ["script"], {
    cwd: folder,
    input: "",
    env: { ...process.env, OLLAMA_API_KEY: "oc_key" },
  }).toString();
  const words = out.split("\0");
  return { input: words.pop() ?? "", words };
}

describe.each(CASES)("%s", (_, of) => {
  test.each(DIALECTS)("curl sends what was sent here, in the dialect %s", (dialect) => {
    const { words, input } = called("curl", snippet("curl", BASE, dialect, of).code);
    expect(words.slice(1, 3)).toEqual(["--no-buffer", BASE + chatRequest(dialect, of).path]);
    expect(words).toContain("Authorization: Bearer oc_key");
    expect(words.includes("X-Agent: Studio Mac's")).toBe(of.agent !== undefined);
    const data = words.at(-1) ?? "";
    expect(JSON.parse(data === "@-" ? input : data)).toEqual(asked(dialect, of));
  });

  test.each([
    ["javascript-ollama", "ollama"],
    ["javascript-openai", "openai"],
  ] as const)("%s sends what was sent here", async (id, dialect) => {
    const code = snippet(id, BASE, dialect, of).code.replaceAll(/^import .*$/gm, "");
    let made: unknown;
    let sent: unknown;
    const send = async (body: unknown) => {
      sent = body;
      return [
        { message: { content: "a" }, choices: [{ delta: { content: "a" } }] },
        { message: {}, choices: [] },
      ];
    };
    class Client {
      chat = dialect === "ollama" ? send : { completions: { create: send } };
      constructor(options: unknown) {
        made = options;
      }
    }
    const read = (name: string, encoding: BufferEncoding) => readFileSync(join(folder, name), encoding);
    let printed = "";
    const fake = {
      env: { OLLAMA_API_KEY: "oc_key" },
      stdout: { write: (text: string) => (printed += text ?? "") },
    };
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    await new AsyncFunction("Ollama", "OpenAI", "readFileSync", "process", code)(Client, Client, read, fake);
    expect(JSON.parse(JSON.stringify(sent))).toEqual(asked(dialect, of));
    expect(JSON.stringify(made)).toContain("oc_key");
    expect(JSON.stringify(made).includes('"X-Agent":"Studio Mac\'s"')).toBe(of.agent !== undefined);
    expect(printed).toBe("a");
  });
});

if (hasPython()) {
  test.each([
    ["python-ollama", "ollama"],
    ["python-openai", "openai"],
  ] as const)("%s sends what was sent here", (id, dialect) => {
    // One interpreter for all cases: starting it is what takes time.
    const runs = CASES.map(([, of]) => `run(${JSON.stringify(snippet(id, BASE, dialect, of).code)})\n`);
    const out = python(`${FAKES}\n${runs.join("")}`, folder);
    const answers = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const [index, [, of]] of CASES.entries()) {
      expect(answers[index].sent).toEqual(asked(dialect, of));
      expect(JSON.stringify(answers[index].made)).toContain("oc_key");
      expect(JSON.stringify(answers[index].made).includes("X-Agent")).toBe(of.agent !== undefined);
    }
  });
}

/** Packages that keep what they are given; bytes are shown as the base64 that the real one makes of them. */
const FAKES = `
import base64, contextlib, io, json, os, sys, types
os.environ["OLLAMA_API_KEY"] = "oc_key"
seen = {}
def keep(**body):
  seen["sent"] = body
  return []
class Client:
  def __init__(self, **options):
    seen["made"] = options
    self.chat = types.SimpleNamespace(completions=types.SimpleNamespace(create=keep)) if "base_url" in options else keep
for name, field in (("ollama", "Client"), ("openai", "OpenAI")):
  sys.modules[name] = types.ModuleType(name)
  setattr(sys.modules[name], field, Client)
def run(code):
  exec(compile(code, "snippet", "exec"), {})
  print(json.dumps(seen, default=lambda value: base64.b64encode(value).decode()))
`;

describe("the ollama program", () => {
  const last = (text: string, change: Partial<Chat> = {}) =>
    chat([], {
      messages: [{ role: "user", text, pictures: [] }],
      agent: undefined,
      parameters: DEFAULTS,
      ...change,
    });

  test("asks a prompt as one word, whatever stands in it", () => {
    const texts = HOSTILE.filter((text) => text.trim() === text && text !== "");
    // Of one shell for all: starting it is what takes time.
    const lines = texts.map((text) => snippet("program", BASE, "ollama", last(text)).code);
    const { words } = called("ollama", lines.join("\n"));
    expect(words).toEqual(
      texts.flatMap((text) => [
        `${BASE}/k/oc_key`,
        "run",
        "--",
        "qwen3:8b",
        clean(text.replaceAll("\0", "")),
      ]),
    );
  });

  test("is given what it has flags for, and it is said what it has none for", () => {
    const parameters = { ...DEFAULTS, think: false, json: true, temperature: 0, system: "x" };
    const { code, missing } = snippet("program", BASE, "ollama", { ...WITHOUT, parameters });
    expect(code).toContain(" run --think=false --format json -- qwen3:8b ");
    expect(missing).toEqual(["system", "temperature", "history", "agent"]);
    expect(snippet("program", BASE, "ollama", last("hi")).missing).toEqual([]);
  });

  test("finds a picture beside it", () => {
    const { words } = called("ollama", snippet("program", BASE, "ollama", WITH).code);
    expect(words.at(-1)).toBe(`what? ./${FILE} ./${FILE}`);
  });
});

test("no snippet carries a picture's bytes, and each names only the key's variable", () => {
  for (const id of SNIPPETS) {
    const { code } = snippet(id, BASE, "ollama", WITH);
    expect(code).not.toContain(PICTURE.base64);
    expect(code).toContain("OLLAMA_API_KEY");
  }
});

test("a conversation longer than a command line goes through a pipe", () => {
  const long = chat(["é".repeat(100_000)], { parameters: DEFAULTS });
  const { words, input } = called("curl", snippet("curl", BASE, "ollama", long).code);
  expect(words.at(-1)).toBe("@-");
  expect(JSON.parse(input)).toEqual(asked("ollama", long));
});
