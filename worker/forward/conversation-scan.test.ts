import { describe, expect, test } from "vitest";
import { ConversationScan } from "./conversation-scan.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

type List = "messages" | "input";

function scan(json: string, { list = "messages" as List, seed = "key model", cut = json.length } = {}) {
  const scanner = new ConversationScan(list, seed);
  const whole = bytes(json);
  for (let at = 0; at < whole.length; at += cut) scanner.push(whole.subarray(at, at + cut));
  return scanner;
}

interface Message {
  role?: string;
  content?: unknown;
  [key: string]: unknown;
}

const say = (role: string, length = 600, mark = ""): Message => ({
  role,
  content: mark + "x".repeat(length),
});
const of = (...messages: unknown[]): string => JSON.stringify({ model: "m", messages });

describe("options.num_ctx", () => {
  test.each<[string, number | undefined]>([
    ['{"options":{"num_ctx":8192}}', 8192],
    ['{"Options" : { "seed":1, "num_ctx" : 8192 } }', 8192],
    ['{"options":{"num_ctx":8.192e3}}', 8192],
    ['{"options":{"num_ctx":1,"num_ctx":2}}', 2],
    ['{"options":{"num_ctx":1},"options":{"seed":2}}', 1],
    ['{"options":{"num_ctx":1},"options":{"num_ctx":2}}', 2],
    ['{"options":{"num_\\u0063tx":7}}', 7],
    ['{"options":{"stop":["num_ctx"],"num_ctx":7}}', 7],
    ['{"options":{"num_ctx":10000000}}', 10_000_000],
    ['{"options":{"num_ctx":10000001}}', undefined],
    ['{"options":{"num_ctx":1e400}}', undefined],
    ['{"options":{"num_ctx":0}}', undefined],
    ['{"options":{"num_ctx":-1}}', undefined],
    ['{"options":{"num_ctx":1.5}}', undefined],
    ['{"options":{"num_ctx":"8192"}}', undefined],
    ['{"options":{"num_ctx":null}}', undefined],
    ['{"options":{"num_ctx":[8192]}}', undefined],
    ['{"options":{"num_ctx":{"num_ctx":8192}}}', undefined],
    ['{"options":{"x":{"num_ctx":8192}}}', undefined],
    ['{"options":[{"num_ctx":8192}]}', undefined],
    ['{"num_ctx":8192,"x":{"options":{"num_ctx":8192}}}', undefined],
    ['[{"options":{"num_ctx":8192}}]', undefined],
    [`{"options":{"num_ctx":${"1".repeat(5_000)}}}`, undefined],
  ])("%s", (json, expected) => {
    for (const cut of [1, 3, json.length]) expect(scan(json, { cut }).numCtx).toBe(expected);
  });

  test("an option's name counts as it is written: to Ollama options are a map", () => {
    expect(scan('{"options":{"NUM_CTX":8192}}').numCtx).toBeUndefined();
  });
});

describe("stream", () => {
  test.each<[string, boolean | undefined]>([
    ['{"stream":true}', true],
    ['{"STREAM" :\n false }', false],
    ['{"\\u0073tream":false}', false],
    ['{"stream":true,"stream":false}', false],
    ['{"stream":true,"stream":null}', undefined],
    ['{"stream":"true"}', undefined],
    ['{"stream":[true]}', undefined],
    ['{"stream":1}', undefined],
    ['{"x":{"stream":true}}', undefined],
    ['{"messages":[{"stream":true}]}', undefined],
    ["{}", undefined],
    ['"stream":true', undefined],
  ])("%s", (json, expected) => {
    for (const cut of [1, 3, json.length]) expect(scan(json, { cut }).stream).toBe(expected);
  });

  test("whether there can be more of it is known", () => {
    expect([
      scan('{"a":[1]').whole,
      scan('{"a":[1]}').whole,
      scan("[]").whole,
      scan("nonsense").whole,
    ]).toEqual([false, true, false, false]);
    expect(scan("nonsense").done).toBe(true);
  });
});

describe("a conversation", () => {
  const system = say("system", 2_000);
  const first = [system, say("user", 600, "hello")];
  const second = [...first, say("assistant"), say("user")];
  const third = [...second, say("assistant"), say("tool"), say("assistant"), say("user")];

  /** Whether a request finds the machine that answered another. */
  const finds = (next: ConversationScan, before: ConversationScan): boolean =>
    next.match.some((hash) => before.remember.includes(hash));

  test("each request finds who answered the one before it, from the second on", () => {
    expect(scan(of(...first)).match).toEqual([]);
    expect(finds(scan(of(...second)), scan(of(...first)))).toBe(true);
    expect(finds(scan(of(...third)), scan(of(...second)))).toBe(true);
    expect(finds(scan(of(...third)), scan(of(...first)))).toBe(true);
    expect(finds(scan(of(...third)), scan(of(...third)))).toBe(true);
  });

  test("a system prompt in common does not tie conversations together", () => {
    const other = [system, say("user", 600, "good evening"), say("assistant"), say("user")];
    expect(finds(scan(of(...other)), scan(of(...first)))).toBe(false);
    expect(finds(scan(of(...other)), scan(of(...third)))).toBe(false);
    expect(finds(scan(of(...third)), scan(of(...other)))).toBe(false);
  });

  test("the same words of another key, or to another model, are another conversation", () => {
    expect(finds(scan(of(...second)), scan(of(...first), { seed: "other" }))).toBe(false);
  });

  test("what is shorter than 1 KiB is none", () => {
    const short = [say("user", 10), say("assistant", 10)];
    expect([scan(of(...short)).match, scan(of(...short)).remember]).toEqual([[], []]);
    const ends = scan(of(...short, say("user", 1_200), say("assistant", 10)));
    expect([ends.match.length, ends.remember.length]).toEqual([2, 2]);
  });

  test("1 KiB is counted in bytes of whole messages", () => {
    const bare = JSON.stringify(say("assistant", 0)).length;
    expect(scan(of(say("assistant", 1_023 - bare))).match).toHaveLength(0);
    expect(scan(of(say("assistant", 1_024 - bare))).match).toHaveLength(1);
    const wide = {
      role: "assistant",
      content: `${"x".repeat((1_024 - bare) % 2)}${"é".repeat((1_024 - bare) / 2)}`,
    };
    expect(scan(of(wide)).match).toHaveLength(1);
  });

  test("white space between messages says nothing; within one it is another message", () => {
    const plain = second.map((message) => JSON.stringify(message));
    const spaced = `{ "messages" : [\n ${plain.join(" ,\r\n\t")} \n] }`;
    expect(scan(spaced).match).toEqual(scan(of(...second)).match);
    const within = `{"messages":[${plain.join(",").replace('{"role"', '{ "role"')}]}`;
    expect(scan(within).match).not.toEqual(scan(of(...second)).match);
  });

  test("what stands beside the messages says nothing", () => {
    const json = JSON.stringify({ tools: [{ messages: [say("assistant", 5_000)] }], messages: second, x: 1 });
    expect([scan(json).match, scan(json).remember]).toEqual([
      scan(of(...second)).match,
      scan(of(...second)).remember,
    ]);
  });

  test("a role beside the messages, or deeper in one, is nobody's", () => {
    const question = { content: "x".repeat(1_200) };
    const elsewhere = [{ a: [], role: "assistant" }];
    for (const body of [
      { tools: elsewhere, messages: [question] },
      { options: elsewhere[0], messages: [question] },
      { messages: [{ ...question, parts: [[], { a: {}, role: "assistant" }] }] },
      { messages: [[[], "role", "assistant"], question] },
    ]) {
      expect(scan(JSON.stringify(body)).match).toEqual([]);
    }
  });

  test("a list that is not there, or is none, is no conversation", () => {
    for (const json of [
      "{}",
      '{"messages":null}',
      '{"messages":"x"}',
      '{"messages":{"messages":[]}}',
      '{"messages":[]}',
    ]) {
      expect([scan(json).match, scan(json).remember]).toEqual([[], []]);
    }
    const without = new ConversationScan(undefined, "key model");
    without.push(bytes(of(...third)));
    expect([without.match, without.whole]).toEqual([[], true]);
    expect(scan(of(...third), { list: "input" }).match).toEqual([]);
  });

  test("of two lists the last one counts", () => {
    const [one, two] = [JSON.stringify(third), JSON.stringify(second)];
    const twice = scan(`{"messages":${one},"Messages":${two}}`);
    expect([twice.match, twice.remember]).toEqual([scan(of(...second)).match, scan(of(...second)).remember]);
    expect(scan(`{"messages":${one},"messages":null}`).match).toEqual([]);
  });

  test("an answer is known by its role, however that is written", () => {
    const ends = (message: string, list: List = "messages"): number =>
      scan(`{"${list}":[${JSON.stringify(say("user", 1_200))},${message}]}`, { list }).match.length;
    expect(ends('{"role":"assistant"}')).toBe(2);
    expect(ends('{"content":[{"role":"user"}],"ROLE" : "Assistant"}')).toBe(2);
    expect(ends('{"r\\u006fle":"\\u0061ssistant"}')).toBe(2);
    expect(ends('{"role":"assistant","role":"user"}')).toBe(0);
    expect(ends('{"content":[{"role":"assistant"}]}')).toBe(0);
    expect(ends('{"role":["assistant"]}')).toBe(0);
    expect(ends('"assistant"')).toBe(0);
    expect(ends('{"type":"function_call"}')).toBe(0);
    expect(ends('{"type":"function_call"}', "input")).toBe(2);
    expect(ends('{"type":"function_call_output"}', "input")).toBe(0);
    expect(ends('{"type":"message","role":"assistant"}', "input")).toBe(2);
  });

  test("of a long one the last 32 ends are looked for, and the last 8 remembered", () => {
    const long = Array.from({ length: 100 }, (_, at) =>
      say(at % 2 === 0 ? "user" : "assistant", 100, `${at}`),
    );
    const { match, remember } = scan(of(...long));
    expect([match.length, remember.length]).toEqual([32, 8]);
    expect(remember).toEqual(match.slice(-8));
    expect(match.at(-1)).toBe(scan(of(...long)).match[31]);
    expect(match.at(-2)).toBe(scan(of(...long.slice(0, 99))).match.at(-1));
    for (const hash of match) expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(match).size).toBe(32);
  });

  test("a body of which only the beginning was seen is remembered by its ends behind an answer, never as a whole", () => {
    const json = of(...third);
    const cut = json.lastIndexOf('{"role":"assistant"');
    const part = scan(json.slice(0, cut));
    expect(part.remember).toEqual(scan(json).remember.slice(0, part.remember.length));
    expect(part.remember.length).toBeGreaterThan(0);
    const begun = of(...first);
    expect(scan(begun.slice(0, -2)).remember).toEqual([]);
    expect(scan(begun.slice(0, -1)).remember).toHaveLength(1);
  });

  test("a mark that a client moves from message to message each turn costs it the last ends, not the conversation", () => {
    const marked = (messages: Message[]): string =>
      of(
        ...messages.map((one, at) =>
          at < messages.length - 1 ? one : { ...one, cache_control: { type: "ephemeral" } },
        ),
      );
    // The first question was sent with the mark and comes back without: the second request starts anew.
    expect(finds(scan(marked(second)), scan(marked(first)))).toBe(false);
    // From then on what lies before the mark is the same.
    expect(finds(scan(marked(third)), scan(marked(second)))).toBe(true);
  });
});

test("five megabytes cost milliseconds", () => {
  const json = of(
    ...Array.from({ length: 2_500 }, (_, at) => say(at % 2 === 0 ? "user" : "assistant", 2_000)),
  );
  const started = performance.now();
  expect(scan(json, { cut: 65_536 }).match).toHaveLength(32);
  expect(performance.now() - started).toBeLessThan(500);
});
