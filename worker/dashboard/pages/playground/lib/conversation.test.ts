import { describe, expect, test } from "vitest";
import { NO_USAGE } from "./answer/events.ts";
import { type Chat, DEFAULTS } from "./chat.ts";
import {
  type Answer,
  type Conversation,
  isRunning,
  measuresOf,
  messagesOf,
  newAnswer,
  stopped,
  upTo,
  withAnswer,
  withEvent,
  without,
} from "./conversation.ts";

const CHAT: Chat = { model: "m", agent: undefined, messages: [], parameters: DEFAULTS };
const fresh = (): Answer => newAnswer(CHAT, 1_000);
const said = (text: string): Answer => withEvent(fresh(), { kind: "text", text }, 1_200);
const exchange = (id: number, ...texts: string[]) => ({
  id,
  prompt: { text: `prompt ${id}`, pictures: [] },
  answers: texts.map(said),
});
const THREE: Conversation = [exchange(1, "a1", "b1"), exchange(2, "", "b2"), exchange(3, "a3", "b3")];

describe("an answer", () => {
  test("waits in line, thinks, speaks and is done", () => {
    let answer = fresh();
    expect([isRunning(answer), answer.state]).toEqual([
      true,
      { kind: "waiting", position: undefined, estimateMs: undefined },
    ]);
    answer = withEvent(answer, { kind: "queued", position: 2, estimateMs: 900 }, 1_100);
    expect(answer.state).toEqual({ kind: "waiting", position: 2, estimateMs: 900 });
    answer = withEvent(answer, { kind: "thinking", text: "hm" }, 1_300);
    answer = withEvent(answer, { kind: "text", text: "Hel" }, 1_400);
    answer = withEvent(answer, { kind: "text", text: "lo" }, 1_500);
    expect([answer.state.kind, answer.thinking, answer.text]).toEqual(["streaming", "hm", "Hello"]);
    const usage = { ...NO_USAGE, tokens: 10, evalMs: 100 };
    answer = withEvent(answer, { kind: "done", reason: "stop", usage }, 1_600);
    expect([isRunning(answer), answer.state]).toEqual([false, { kind: "done", reason: "stop" }]);
    expect(measuresOf(answer)).toMatchObject({ firstTokenMs: 300, totalMs: 600, tokensPerS: 100 });
  });

  test("keeps the arguments of one call together and calls apart", () => {
    let answer = fresh();
    for (const [name, text] of [
      ["f", ""],
      [undefined, '{"a"'],
      [undefined, ":1}"],
      ["g", "{}"],
    ] as const)
      answer = withEvent(answer, { kind: "tool", name, text }, 1_200);
    expect(answer.tools).toEqual([
      { name: "f", text: '{"a":1}' },
      { name: "g", text: "{}" },
    ]);
  });

  test("that fails or is stopped keeps what had come", () => {
    const failed = withEvent(said("half"), { kind: "error", problem: { kind: "cut" } }, 2_000);
    expect([failed.text, failed.state]).toEqual(["half", { kind: "failed", problem: { kind: "cut" } }]);
    const ended = stopped(said("half"), 2_000);
    expect([ended.text, ended.state, measuresOf(ended).tokensPerS]).toEqual([
      "half",
      { kind: "stopped" },
      undefined,
    ]);
  });

  test("that is over cannot be stopped any more", () => {
    const done = withEvent(said("all"), { kind: "done", reason: "stop", usage: NO_USAGE }, 2_000);
    expect(stopped(done, 3_000)).toBe(done);
  });
});

describe("a conversation", () => {
  test("tells each column's model what was said in that column", () => {
    const user = (id: number) => ({ role: "user", text: `prompt ${id}`, pictures: [] });
    expect(messagesOf(THREE, 1)).toEqual([
      user(1),
      { role: "assistant", text: "b1" },
      user(2),
      { role: "assistant", text: "b2" },
      user(3),
      { role: "assistant", text: "b3" },
    ]);
  });

  test("leaves out what was never answered, so that prompts and answers take turns", () => {
    expect(messagesOf(THREE, 0).map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    expect(messagesOf(THREE, 2)).toEqual([]);
  });

  test("goes on from before a prompt that is changed", () => {
    expect(upTo(THREE, 2).map(({ id }) => id)).toEqual([1]);
    expect(upTo(THREE, 9)).toBe(THREE);
    expect(without(THREE, 2).map(({ id }) => id)).toEqual([1, 3]);
  });

  test("an event of an exchange that was deleted changes nothing", () => {
    const event = { kind: "text", text: "!" } as const;
    const change = (answer: Answer) => withEvent(answer, event, 1_300);
    expect(withAnswer(THREE, 9, 0, change)).toEqual(THREE);
    expect(withAnswer(THREE, 1, 5, change)).toEqual(THREE);
    const changed = withAnswer(THREE, 3, 1, change);
    expect(changed[2]?.answers.map((answer) => answer?.text)).toEqual(["a3", "b3!"]);
    expect([changed[0], changed[1]]).toEqual([THREE[0], THREE[1]]);
    expect(changed[0]).toBe(THREE[0]);
  });
});
