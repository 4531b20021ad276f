import { beforeEach, describe, expect, test, vi } from "vitest";
import { Playground } from "./playground.ts";
import { ScriptedSurroundings, type Sent } from "./testing/scripted-surroundings.ts";

let around: ScriptedSurroundings;
let sent: readonly Sent[];
let playground: Playground;

beforeEach(() => {
  around = new ScriptedSurroundings();
  ({ sent } = around);
  playground = new Playground(around);
  playground.setTarget(0, { model: "m", agent: undefined });
});

const prompt = (text: string) => ({ text, pictures: [] });
const answer = (column = 0) => playground.conversation.value.at(-1)?.answers[column];
const state = (column = 0) => answer(column)?.state;
/** What is on its way has arrived. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const paint = async (): Promise<void> => {
  await settled();
  around.draw();
};
const say = (content: string) => ({ message: { content }, done: false });
const DONE = { message: { content: "" }, done: true, done_reason: "stop", eval_count: 2, eval_duration: 1e8 };

async function complete(text: string, column = 0): Promise<void> {
  const one = sent.at(column - playground.targets.value.length);
  one?.answer({ "x-coordinator-agent": "attic" });
  one?.line(say(text));
  one?.line(DONE);
  await paint();
}

test("an answer comes, is measured, and is told to the model with the next prompt", async () => {
  playground.send(prompt("hi"));
  expect([playground.running.value, state()?.kind]).toEqual([true, "waiting"]);
  await complete("hello");
  expect(playground.running.value).toBe(false);
  expect(answer()).toMatchObject({ text: "hello", state: { kind: "done" }, explained: { agent: "attic" } });
  playground.send(prompt("more"));
  expect(sent[1]?.request.body.messages).toEqual([
    { role: "user", content: "hi" },
    { role: "assistant", content: "hello" },
    { role: "user", content: "more" },
  ]);
});

test("a thousand tokens between two frames change the page once", async () => {
  const seen = vi.fn();
  playground.send(prompt("hi"));
  playground.conversation.subscribe(seen);
  seen.mockClear();
  sent[0]?.answer();
  for (let at = 0; at < 1_000; at++) sent[0]?.line(say("x"));
  await paint();
  expect(seen).toHaveBeenCalledTimes(1);
  expect(answer()?.text).toBe("x".repeat(1_000));
});

describe("stopping", () => {
  test("closes the connection and keeps what had come", async () => {
    playground.send(prompt("hi"));
    sent[0]?.answer();
    sent[0]?.line(say("half"));
    await paint();
    playground.stop();
    expect(sent[0]?.signal.aborted).toBe(true);
    await paint();
    expect(answer()).toMatchObject({ text: "half", state: { kind: "stopped" } });
    expect(playground.running.value).toBe(false);
  });

  test("before the first byte it is no failure, and nothing goes on waiting", async () => {
    playground.send(prompt("hi"));
    playground.stop();
    await paint();
    expect(state()).toEqual({ kind: "stopped" });
    for (const { wake } of around.sleepers) wake();
    await paint();
    expect(state()).toEqual({ kind: "stopped" });
  });

  test("happens by itself before the next prompt", async () => {
    playground.send(prompt("one"));
    playground.send(prompt("two"));
    await paint();
    expect(sent.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(playground.conversation.value.map(({ answers }) => answers[0]?.state.kind)).toEqual([
      "stopped",
      "waiting",
    ]);
  });
});

describe("what goes wrong", () => {
  test("no connection", async () => {
    playground.send(prompt("hi"));
    sent[0]?.refuse();
    await paint();
    expect(state()).toEqual({ kind: "failed", problem: { kind: "unreachable" } });
  });

  test("a refusal, in the words of who refuses", async () => {
    playground.send(prompt("hi"));
    sent[0]?.answer({ "x-coordinator-error": "model_not_found", "content-type": "application/json" }, 404);
    sent[0]?.line({ error: "model 'm' not found", code: "model_not_found" });
    sent[0]?.end();
    await paint();
    expect(state()).toEqual({
      kind: "failed",
      problem: { kind: "said", message: "model 'm' not found", code: "model_not_found", status: 404 },
    });
  });

  test("an answer that ends too early", async () => {
    playground.send(prompt("hi"));
    sent[0]?.answer();
    sent[0]?.line(say("half"));
    sent[0]?.end();
    await paint();
    expect(answer()).toMatchObject({ text: "half", state: { kind: "failed", problem: { kind: "cut" } } });
  });
});

describe("a request that waits", () => {
  test("is looked for in the queue until its answer begins, and no longer", async () => {
    around.waiting = [
      {
        id: "1",
        position: 3,
        estimate_ms: 700,
        waited_ms: 2_000,
        arrived_at: "",
        model: "m:latest",
        endpoint: "/api/chat",
        key_id: null,
        key_name: null,
        agent_id: null,
      },
    ];
    playground.send(prompt("hi"));
    around.time += 2_000;
    around.sleepers[0]?.wake();
    await paint();
    expect(state()).toEqual({ kind: "waiting", position: 3, estimateMs: 700 });
    await complete("now");
    const looked = around.sleepers.length;
    for (const { wake } of around.sleepers) wake();
    await paint();
    expect([around.sleepers.length, state()?.kind]).toEqual([looked, "done"]);
  });

  test("and began before its machine was known is looked up in the history", async () => {
    playground.send(prompt("hi"));
    sent[0]?.answer({ "x-request-id": "r1" });
    sent[0]?.line(say("x"));
    sent[0]?.line(DONE);
    await paint();
    around.sleepers.at(-1)?.wake();
    await paint();
    expect(answer()?.explained).toMatchObject({ requestId: "r1", agent: "attic", queueMs: 40 });
  });
});

describe("comparing", () => {
  test("asks both with one prompt, and each hears only its own answers", async () => {
    playground.compare(true);
    playground.setTarget(1, { model: "m", agent: { id: "a", name: "attic" } });
    playground.send(prompt("hi"));
    expect(sent.map(({ request }) => request.headers["x-agent"])).toEqual([undefined, "attic"]);
    await complete("left", 0);
    await complete("right", 1);
    playground.send(prompt("more"));
    expect(sent.slice(2).map(({ request }) => JSON.stringify(request.body.messages))).toEqual([
      expect.stringContaining("left"),
      expect.stringContaining("right"),
    ]);
    expect(playground.sent.value?.chats.map(({ agent }) => agent?.name)).toEqual([undefined, "attic"]);
  });

  test("one that fails does not touch the other", async () => {
    playground.compare(true);
    playground.send(prompt("hi"));
    sent[0]?.refuse();
    await complete("right", 1);
    expect([state(0)?.kind, state(1)?.kind]).toEqual(["failed", "done"]);
  });
});

describe("going back", () => {
  beforeEach(async () => {
    for (const text of ["one", "two"]) {
      playground.send(prompt(text));
      await complete(`answer to ${text}`);
    }
  });
  const texts = () => playground.conversation.value.map((exchange) => exchange.prompt.text);
  const id = (at: number) => playground.conversation.value[at]?.id ?? 0;

  test("a prompt that is changed forgets what came after it", () => {
    playground.edit(id(0), prompt("changed"));
    expect(texts()).toEqual(["changed"]);
    expect(sent.at(-1)?.request.body.messages).toEqual([{ role: "user", content: "changed" }]);
  });

  test("an answer is asked for again with all that was before it", () => {
    playground.regenerate(id(1));
    expect(texts()).toEqual(["one", "two"]);
    expect(sent.at(-1)?.request.body.messages).toHaveLength(3);
  });

  test("an exchange is deleted, and the model never hears of it again", () => {
    playground.remove(id(0));
    playground.send(prompt("three"));
    expect(JSON.stringify(sent.at(-1)?.request.body.messages)).not.toContain("one");
  });

  test("what was dropped comes back, and nothing that was said since is lost for it", async () => {
    const before = playground.conversation.value;
    playground.edit(id(0), prompt("changed"));
    await complete("x");
    playground.restore(before);
    expect(texts()).toEqual(["one", "two", "changed"]);
    expect(playground.conversation.value.slice(0, 2)).toEqual(before);
  });

  test("when the session ends nothing of it stays, and nothing goes on", async () => {
    playground.send(prompt("three"));
    playground.reset();
    await paint();
    expect(sent.at(-1)?.signal.aborted).toBe(true);
    expect([playground.conversation.value, playground.sent.value, playground.targets.value]).toEqual([
      [],
      undefined,
      [{ model: "", agent: undefined }],
    ]);
  });
});
