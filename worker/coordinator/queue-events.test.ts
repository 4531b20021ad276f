import { describe, expect, test, vi } from "vitest";
import type { Call } from "./api.ts";
import { Serving } from "./serving.ts";
import { type Asked, Bench, bytesOf } from "./testing/bench.ts";
import { RecordingClient } from "./testing/recording-client.ts";
import { turn } from "./testing/turn.ts";

const SSE: [string, string][] = [["content-type", "text/event-stream"]];
const telling: Partial<Call> = {
  queueEvents: true,
  stream: true,
  dialect: "openai",
  endpoint: "/v1/chat/completions",
  path: "/v1/chat/completions",
};

async function busy(agents: Record<string, object> = { a: {} }) {
  const fleet = await Bench.fleet(agents);
  const first = fleet.bench.ask();
  await turn();
  return { ...fleet, first };
}

const finish = async (asked: Asked): Promise<void> => {
  await asked.outcome;
  await turn();
};

test("who waits hears at once that it does, and every five seconds where it stands", async () => {
  const { bench, agent, first } = await busy();
  const [before, asked] = [bench.ask(), bench.ask(telling)];
  await turn();
  expect(asked.client.status).toBe(200);
  expect(asked.client.header("content-type")).toBe("text/event-stream");
  expect(asked.client.body).toBe(": queued position=2\n\n");
  await bench.clock.advance(4_000);
  agent("a").last.respond().finish();
  await finish(first);
  await bench.clock.advance(1_000);
  expect(asked.client.body).toBe(": queued position=2\n\n: queued position=1 estimate_ms=5000\n\n");
  agent("a").open[0]?.respond().finish();
  await finish(before);
  agent("a").open[0]?.respond(200, SSE).write("data: 1\n\n").write("data: [DONE]\n\n").finish();
  await finish(asked);
  expect(asked.client.body.split("\n\n").slice(2)).toEqual(["data: 1", "data: [DONE]", ""]);
  expect(asked.client.journal.filter((entry) => !entry.startsWith("write"))).toEqual(["head 200", "end"]);
  await bench.clock.drain();
  expect([bench.clock.timers, bench.history.requests.length]).toEqual([0, 3]);
});

test("who need not wait sees the answer as it is, status and headers too", async () => {
  const { bench, agent } = await Bench.fleet({ a: {} });
  const asked = bench.ask(telling);
  await turn();
  agent("a")
    .last.respond(400, [["content-type", "application/json"]])
    .write('{"error":"no"}')
    .finish();
  await finish(asked);
  expect([asked.client.status, asked.client.body]).toEqual([400, '{"error":"no"}']);
  expect(asked.client.header("x-coordinator-agent")).toBe("a");
});

test.each<[string, Partial<Call>]>([
  ["did not ask for it", { queueEvents: undefined }],
  ["does not stream", { stream: false }],
  ["does not say whether it streams", { stream: undefined }],
])("one that %s waits in silence", async (_, over) => {
  const { bench } = await busy();
  const asked = bench.ask({ ...telling, ...over });
  await turn();
  expect(asked.client.journal).toEqual([]);
});

describe("once the answer has begun", () => {
  test("a wait that was too long is an error event", async () => {
    const { bench, agent } = await busy();
    await bench.brain.putSettings({ queue: { timeout_s: 12 } });
    const asked = bench.ask(telling);
    for (let step = 0; step < 3; step++) {
      await bench.clock.advance(5_000);
      agent("a").socket?.ping();
    }
    expect(await asked.outcome).toEqual({ kind: "answered" });
    expect(asked.client.failure).toBe("queue_timeout");
    expect(asked.client.body.split("\n\n")).toHaveLength(4);
  });

  test("an error of Ollama's is an error event with its words", async () => {
    const { bench, agent, first } = await busy();
    const asked = bench.ask(telling);
    await turn();
    agent("a").last.respond().finish();
    await finish(first);
    agent("a")
      .last.respond(400, [["content-type", "application/json"]])
      .write('{"error":{"mess')
      .write('age":"no"}}')
      .finish();
    await finish(asked);
    expect([asked.client.failure, asked.client.journal.at(-1)]).toEqual(["bad_request", "fail bad_request"]);
    expect(asked.client.body).not.toContain("mess");
  });

  test("a machine that is lost before a byte came is replaced: the body goes out again", async () => {
    const { bench, agent, first } = await busy({ a: {}, b: {} });
    const second = bench.ask();
    const asked = bench.ask({ ...telling, contentLength: 5 }, bytesOf("he", "llo"));
    await turn();
    const [on, other] = agent("a").open.length > 0 ? ["a", "b"] : ["b", "a"];
    expect(agent(other).open).toHaveLength(1);
    agent(on).last.respond().finish();
    await turn();
    expect(agent(on).last.body).toBe("hello");
    agent(on).last.reset("ollama_unreachable");
    agent(other).last.respond().finish();
    await finish(first);
    await finish(second);
    agent(other).last.respond(200, SSE).write("data: 1\n\n").finish();
    await finish(asked);
    expect(agent(other).last.body).toBe("hello");
    expect(asked.ended).toEqual({ kind: "answered" });
    expect(asked.client.body).toMatch(/data: 1\n\n$/);
    expect(asked.client.failure).toBeUndefined();
  });

  test("a body that was too large to keep is not sent again, and the client is told", async () => {
    const { bench, agent, first } = await busy();
    const asked = bench.ask({ ...telling, contentLength: 70_000 }, bytesOf("x".repeat(70_000)));
    await turn();
    agent("a").last.respond().finish();
    await finish(first);
    agent("a").last.reset("ollama_unreachable");
    await finish(asked);
    expect([asked.ended, asked.client.failure]).toEqual([{ kind: "answered" }, "ollama_unreachable"]);
    await bench.clock.drain();
    expect(bench.history.requests).toHaveLength(2);
  });

  test("an error of ours is an error event, with the machine's slot free and nothing under way", async () => {
    const { bench, agent, first } = await busy();
    const asked = bench.ask(telling);
    await turn();
    const run = vi.spyOn(Serving.prototype, "run").mockRejectedValueOnce(new Error("a bug"));
    agent("a").last.respond().finish();
    await finish(first);
    await finish(asked);
    run.mockRestore();
    expect([asked.ended, asked.client.failure]).toEqual([{ kind: "answered" }, "internal"]);
    expect(bench.logged).toContainEqual({ level: "error", message: "unexpected" });
    bench.ask();
    await turn();
    expect(agent("a").open).toHaveLength(1);
  });

  test("an error of ours after the answer's end changes nothing of the answer", async () => {
    const { bench, agent, first } = await busy();
    const asked = bench.ask(telling);
    await turn();
    agent("a").last.respond().finish();
    await finish(first);
    const conclude = vi.spyOn(Serving.prototype, "conclude").mockImplementationOnce(() => {
      throw new Error("a bug");
    });
    agent("a").last.respond(200, SSE).write("data: 1\n\n").finish();
    await finish(asked);
    conclude.mockRestore();
    expect([asked.ended, asked.client.journal.at(-1)]).toEqual([{ kind: "answered" }, "end"]);
  });

  test("an error of ours before it is the caller's to tell", async () => {
    const { bench } = await Bench.fleet({ a: {} });
    const run = vi.spyOn(Serving.prototype, "run").mockRejectedValueOnce(new Error("a bug"));
    const asked = bench.ask(telling);
    await expect(asked.outcome).rejects.toThrow("a bug");
    run.mockRestore();
    expect(asked.client.journal).toEqual([]);
  });

  test("a client that leaves is heard, and nothing is left of it", async () => {
    const { bench, first, agent } = await busy();
    const asked = bench.ask(telling);
    await turn();
    asked.client.leave();
    expect(await asked.outcome).toEqual({ kind: "gone" });
    agent("a").last.respond().finish();
    await finish(first);
    await bench.clock.drain();
    expect([bench.clock.timers, bench.brain.load().waiting]).toEqual([0, 0]);
  });

  test("comments that the client has not read are not taken for its reading the answer", async () => {
    const { bench, agent, first } = await busy();
    const client = new RecordingClient({ reads: false });
    const asked = bench.ask(telling, bytesOf("{}"), client);
    await turn();
    agent("a").last.respond().finish();
    await finish(first);
    agent("a").last.respond(200, SSE).write("x".repeat(1_000));
    await turn();
    expect(bench.brain.gauges()[0]?.received_held).toBe(1_000);
    client.consume();
    await turn();
    expect(bench.brain.gauges()[0]?.received_held).toBe(0);
    agent("a").last.finish();
    await finish(asked);
  });
});
