import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dialect } from "../chat.ts";
import type { AnswerEvent } from "./events.ts";
import { readAnswer } from "./read-answer.ts";

const encoder = new TextEncoder();
const NDJSON = "application/x-ndjson";
const SSE = "text/event-stream";

function answer(pieces: readonly Uint8Array[], type: string, status = 200, end?: Error): Response {
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(next);
      else if (end !== undefined) controller.error(end);
      else controller.close();
    },
  });
  return new Response(body, { status, headers: { "content-type": type } });
}

async function events(
  dialect: Dialect,
  response: Response,
  signal = new AbortController().signal,
): Promise<AnswerEvent[]> {
  const all: AnswerEvent[] = [];
  for await (const event of readAnswer(dialect, response, signal)) all.push(event);
  return all;
}

const read = (dialect: Dialect, text: string, type: string): Promise<AnswerEvent[]> =>
  events(dialect, answer([encoder.encode(text)], type));

const json = (lines: object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const sse = (lines: object[], end = ""): string =>
  lines.map((line) => `data: ${JSON.stringify(line)}\n\n`).join("") + end;

const WORDS = ["Grüße, ", "世界 ", "👩‍👩‍👧 ", "\u2028 \r\n end"];
const ANSWERS: Record<Dialect, { text: string; type: string; usage: object; reason: string }> = {
  ollama: {
    type: NDJSON,
    reason: "stop",
    usage: { promptTokens: 3, tokens: 4, loadMs: 1, promptMs: 2, evalMs: 500 },
    text:
      json([{ message: { role: "assistant", content: "", thinking: "hm 🤔" }, done: false }]) +
      json(WORDS.map((content) => ({ message: { role: "assistant", content }, done: false }))) +
      json([
        {
          message: { content: "", tool_calls: [{ function: { name: "f", arguments: { ö: 1 } } }] },
          done: false,
        },
        {
          message: { content: "" },
          done: true,
          done_reason: "stop",
          load_duration: 1e6,
          prompt_eval_duration: 2e6,
          eval_duration: 5e8,
          prompt_eval_count: 3,
          eval_count: 4,
        },
      ]),
  },
  openai: {
    type: SSE,
    reason: "stop",
    usage: { promptTokens: 3, tokens: 4 },
    text:
      ": queued position=2\n\n: queued position=1 estimate_ms=1200\n\n: something else\n\n" +
      sse([{ choices: [{ delta: { role: "assistant", content: "", reasoning: "hm 🤔" } }] }]) +
      sse(WORDS.map((content) => ({ choices: [{ delta: { content } }] }))) +
      sse(
        [
          { choices: [{ delta: { tool_calls: [{ function: { name: "f", arguments: '{"ö":1}' } }] } }] },
          { choices: [{ delta: {}, finish_reason: "stop" }] },
          { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } },
        ],
        "data: [DONE]\n\n",
      ),
  },
  anthropic: {
    type: `${SSE}; charset=utf-8`,
    reason: "end_turn",
    usage: { promptTokens: 3, tokens: 4 },
    text: [
      { type: "message_start", message: { usage: { input_tokens: 3, output_tokens: 0 } } },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm 🤔" } },
      ...WORDS.map((text) => ({
        type: "content_block_delta",
        index: 1,
        delta: { type: "text_delta", text },
      })),
      { type: "content_block_start", index: 2, content_block: { type: "tool_use", name: "f", input: {} } },
      { type: "content_block_delta", delta: { type: "input_json_delta", partial_json: '{"ö":1}' } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 4 } },
      { type: "message_stop" },
    ]
      .map((event) => `event: ${event.type}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`)
      .join(""),
  },
};
const DIALECTS: Dialect[] = ["ollama", "openai", "anthropic"];

/** Pieces of text that follow each other are one text, however they were cut. */
function told(all: readonly AnswerEvent[]) {
  const joined = (kind: "text" | "thinking" | "tool"): string =>
    all.map((event) => (event.kind === kind ? event.text : "")).join("");
  return {
    text: joined("text"),
    thinking: joined("thinking"),
    tool: joined("tool"),
    names: all.flatMap((event) => (event.kind === "tool" && event.name !== undefined ? [event.name] : [])),
    queued: all.filter((event) => event.kind === "queued"),
    last: all.at(-1),
  };
}

describe.each(DIALECTS)("%s", (dialect) => {
  const { text, type, usage, reason } = ANSWERS[dialect];
  const bytes = encoder.encode(text);
  const expected = {
    text: WORDS.join(""),
    thinking: "hm 🤔",
    tool: '{"ö":1}',
    names: ["f"],
    last: { kind: "done", reason, usage },
    queued:
      dialect === "openai"
        ? [
            { kind: "queued", position: 2, estimateMs: undefined },
            { kind: "queued", position: 1, estimateMs: 1200 },
          ]
        : [],
  };

  test("an answer is the same wherever the network has cut it", async () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const all = await events(dialect, answer([bytes.subarray(0, cut), bytes.subarray(cut)], type));
      expect(told(all), `cut at ${cut}`).toMatchObject(expected);
    }
  });

  test("and into however many pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(told(await events(dialect, answer(pieces, type)))).toMatchObject(expected);
      }),
      { numRuns: 50 },
    );
  });

  test("one that ends anywhere before its end mark is an error", async () => {
    const body = text.slice(0, text.trimEnd().lastIndexOf(dialect === "ollama" ? "\n" : "data:"));
    const upTo = encoder.encode(body).length;
    for (let end = 0; end <= upTo; end++) {
      const { last } = told(await events(dialect, answer([bytes.subarray(0, end)], type)));
      expect(last, `ends at ${end}`).toMatchObject({
        kind: "error",
        problem: { kind: expect.stringMatching(/^(cut|unreadable)$/) },
      });
    }
  });

  test("a connection that breaks is an error, behind what had come", async () => {
    const all = await events(
      dialect,
      answer([bytes.subarray(0, bytes.length >> 1)], type, 200, new Error("reset")),
    );
    expect(told(all)).toMatchObject({ last: { kind: "error", problem: { kind: "unreachable" } } });
  });

  test("what the coordinator says at the end of a line that was torn is what went wrong", async () => {
    const error = {
      ollama: '\n{"error":"the machine is gone","code":"agent_lost"}\n',
      openai: '\n\ndata: {"error":{"message":"the machine is gone","code":"agent_lost"}}\n\n',
      anthropic:
        '\n\nevent: error\ndata: {"type":"error","error":{"type":"agent_lost","message":"the machine is gone"}}\n\n',
    }[dialect];
    const start = dialect === "ollama" ? '{"message":{"con' : 'data: {"choi';
    expect(await read(dialect, start + error, type)).toEqual([
      {
        kind: "error",
        problem: { kind: "said", message: "the machine is gone", code: "agent_lost", status: undefined },
      },
    ]);
  });

  test("something that is no stream of this dialect is an error and no text", async () => {
    const all = await read(dialect, "data: <html>\n\n<p>hi</p>\n\n", type);
    expect(all).toEqual([{ kind: "error", problem: { kind: "unreadable" } }]);
  });

  test("garbage never throws, and ends with one error or one end", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 8 }), async (lines) => {
        const all = await read(dialect, lines.map((line) => `data: ${line}\n\n${line}\n`).join(""), type);
        const ends = all.map(({ kind }) => kind === "done" || kind === "error");
        expect(ends.indexOf(true)).toBe(all.length - 1);
      }),
      { numRuns: 100 },
    );
  });
});

test.each([
  ['{"error":"model \'x\' not found","code":"model_not_found"}', "model 'x' not found", "model_not_found"],
  ['{"error":{"message":"no","type":"not_found_error","code":null}}', "no", "not_found_error"],
  ['{"type":"error","error":{"type":"overloaded_error","message":"later"}}', "later", "overloaded_error"],
  ["404 page not found", "404 page not found", undefined],
])("an answer that refuses says why: %s", async (body, message, code) => {
  const [event] = await events("ollama", answer([encoder.encode(body)], "application/json", 404));
  expect(event).toEqual({ kind: "error", problem: { kind: "said", message, code, status: 404 } });
});

test("a line without an end cannot fill the memory", async () => {
  const piece = encoder.encode("x".repeat(1_000_000));
  const all = await events(
    "ollama",
    answer(
      Array.from({ length: 10 }, () => piece),
      NDJSON,
    ),
  );
  expect(all).toEqual([{ kind: "error", problem: { kind: "unreadable" } }]);
});

test("who has stopped hears nothing more, not even an error", async () => {
  const stopped = new AbortController();
  const response = answer([encoder.encode(ANSWERS.ollama.text)], NDJSON, 200, new Error("aborted"));
  const all: AnswerEvent[] = [];
  for await (const event of readAnswer("ollama", response, stopped.signal)) {
    all.push(event);
    if (all.length === 2) stopped.abort();
    if (all.length > 2) expect(event.kind).not.toBe("error");
  }
});

test("who stops iterating ends the connection", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode('{"message":{"content":"x"}}\n')),
    cancel: () => {
      cancelled = true;
    },
  });
  const response = new Response(body, { headers: { "content-type": NDJSON } });
  for await (const event of readAnswer("ollama", response, new AbortController().signal)) {
    if (event.kind === "text") break;
  }
  expect(cancelled).toBe(true);
});
