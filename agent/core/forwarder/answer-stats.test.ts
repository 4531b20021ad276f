import fc from "fast-check";
import { expect, test } from "vitest";
import { answerStats } from "./answer-stats.ts";
import { Tail } from "./tail.ts";

const COUNTS =
  '"total_duration":9,"load_duration":1,"prompt_eval_count":2,"prompt_eval_duration":3,"eval_count":4,"eval_duration":5';
const STATS = {
  load_duration: 1,
  prompt_tokens: 2,
  prompt_eval_duration: 3,
  completion_tokens: 4,
  eval_duration: 5,
};

function tailOf(body: string | Buffer, step = 1_000): Tail {
  const tail = new Tail();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += step) tail.push(bytes.subarray(at, at + step));
  return tail;
}

const native = (body: string, step?: number) => answerStats(tailOf(body, step), "native");

test("native counts are those of the last message, however the body is cut", () => {
  const body = `${'{"response":"tok","done":false}\n'.repeat(50)}{"response":"","done":true,${COUNTS}}\n`;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: body.length }), (step) => {
      expect(native(body, step)).toEqual(STATS);
    }),
  );
});

test("half a megabyte of context after or before the counts does not hide them", () => {
  const context = `"context":[${"12345,".repeat(90_000)}1]`;
  const before = `{"done":false}\n{"done":true,${context},${COUNTS}}\n`;
  const after = `{"done":false}\n{"done":true,${COUNTS},${context}}\n`;
  for (const step of [700, 16_384, 65_536]) {
    expect(native(before, step)).toEqual(STATS);
    expect(native(after, step)).toEqual(STATS);
  }
});

test("text that a model wrote is not taken for counts", () => {
  const text = JSON.stringify('{"eval_count":777,"prompt_eval_count":888}');
  expect(native(`{"response":${text},"done":true,"eval_count":4}`)).toEqual({ completion_tokens: 4 });
  expect(native(`{"response":${text},"done":true}`)).toBeUndefined();
});

test("an answer without counts, or none at all, has no stats", () => {
  expect(native("")).toBeUndefined();
  expect(native("\n")).toBeUndefined();
  expect(native('{"error":"x"}')).toBeUndefined();
});

test("OpenAI usage is read from JSON and from the last event of a stream", () => {
  const usage = '"usage":{"prompt_tokens":7,"completion_tokens":8,"total_tokens":15}';
  const stats = { prompt_tokens: 7, completion_tokens: 8 };
  expect(answerStats(tailOf(`{"id":"x","choices":[],${usage}}\n`), "openai")).toEqual(stats);
  expect(answerStats(tailOf(`data: {"choices":[],${usage}}\n\ndata: [DONE]\n\n`), "openai")).toEqual(stats);
  const responses = `event: response.completed\ndata: {"response":{"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":1},"output_tokens":8}}}\n\n`;
  expect(answerStats(tailOf(responses), "openai")).toEqual(stats);
  expect(answerStats(tailOf("data: {}\n\ndata: [DONE]\n\n"), "openai")).toBeUndefined();
});

test("an OpenAI stream that does not tell its usage has about as many tokens as events", () => {
  const body = 'data: {"choices":[{}]}\n\ndata: {"choices":[{}]}\n\ndata: [DONE]\n\n';
  expect(answerStats(tailOf(body), "openai", 2)).toEqual({ completion_tokens: 2 });
  const usage = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":1}}\n\n';
  const told = answerStats(tailOf(body + usage), "openai", 3);
  expect(told).toEqual({ prompt_tokens: 7, completion_tokens: 1 });
});

test("Anthropic's last usage counts, and its first one where that says more", () => {
  const start = 'event: message_start\ndata: {"message":{"usage":{"input_tokens":7,"output_tokens":0}}}\n\n';
  const short = 'event: message_delta\ndata: {"delta":{},"usage":{"output_tokens":8}}\n\n';
  const full = 'event: message_delta\ndata: {"delta":{},"usage":{"input_tokens":9,"output_tokens":8}}\n\n';
  expect(answerStats(tailOf(start + short), "anthropic")).toEqual({ prompt_tokens: 7, completion_tokens: 8 });
  expect(answerStats(tailOf(start + full), "anthropic")).toEqual({ prompt_tokens: 9, completion_tokens: 8 });
});

test("a tail keeps at least 64 KiB of the end and never much more", () => {
  const bytes = Buffer.alloc(1_000_000, "x");
  for (const step of [1, 100, 16_384, 200_000]) {
    const tail = new Tail();
    for (let at = 0; at < bytes.length; at += step) tail.push(bytes.subarray(at, at + step));
    expect(tail.end().length).toBeGreaterThanOrEqual(64 * 1024);
    expect(tail.end().length).toBeLessThan(3 * 64 * 1024);
  }
});
