import { expect, test } from "vitest";
import { NO_USAGE } from "./answer/events.ts";
import { explained, measured } from "./measure.ts";

test("what the coordinator explains is read from the headers", () => {
  const headers = new Headers({
    "x-request-id": "r1",
    "x-coordinator-agent": "attic",
    "x-coordinator-reason": "loaded",
    "x-coordinator-attempts": "2",
    "x-coordinator-queue-ms": "1250",
    "x-coordinator-model": "qwen3:14b",
  });
  expect(explained(headers)).toEqual({
    requestId: "r1",
    agent: "attic",
    reason: "loaded",
    attempts: 2,
    queueMs: 1250,
    model: "qwen3:14b",
  });
});

test("what is not said, or is no number, is not known", () => {
  const nothing = { requestId: undefined, agent: undefined, reason: undefined, model: undefined };
  const numbers = { attempts: undefined, queueMs: undefined };
  expect(explained(new Headers())).toEqual({ ...nothing, ...numbers });
  expect(explained(new Headers({ "x-coordinator-attempts": "many" }))).toMatchObject(numbers);
});

test.each([
  ["%E5%B1%8B%E6%A0%B9%E8%A3%8F", "屋根裏"],
  ["100%", "100%"],
  ["%FF", "%FF"],
  ["", undefined],
])("a machine said as %j is %j", (said, name) => {
  expect(explained(new Headers({ "x-coordinator-agent": said })).agent).toBe(name);
});

const TIMES = { sentAt: 1_000, firstAt: 1_400, lastAt: 3_400 };

test("Ollama's own clock says how fast the tokens came", () => {
  expect(measured(TIMES, { ...NO_USAGE, tokens: 50, evalMs: 500, loadMs: 300, promptTokens: 7 })).toEqual({
    firstTokenMs: 400,
    totalMs: 2_400,
    tokensPerS: 100,
    tokens: 50,
    promptTokens: 7,
    loadMs: 300,
  });
});

test("without it the page's clock does: between the first token and the last", () => {
  expect(measured(TIMES, { ...NO_USAGE, tokens: 41 }).tokensPerS).toBe(20);
});

test.each([
  ["no usage", TIMES, NO_USAGE],
  ["no tokens", TIMES, { ...NO_USAGE, tokens: 0, evalMs: 5 }],
  ["one token", TIMES, { ...NO_USAGE, tokens: 1 }],
  ["an answer that came at once", { ...TIMES, lastAt: 1_401 }, { ...NO_USAGE, tokens: 40 }],
  ["an answer that never began", { ...TIMES, firstAt: undefined }, { ...NO_USAGE, tokens: 40 }],
])("of %s there is no speed", (_, times, usage) => {
  expect(measured(times, usage).tokensPerS).toBeUndefined();
});

test("a running answer has what is known so far", () => {
  const running = measured({ sentAt: 0, firstAt: undefined, lastAt: undefined }, undefined);
  expect(Object.values(running).every((value) => value === undefined)).toBe(true);
});
