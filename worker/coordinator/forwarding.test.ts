import { describe, expect, test } from "vitest";
import { CLIENT_ERRORS } from "../../shared/api/errors.ts";
import type { RequestView } from "../../shared/api/requests.ts";
import type { ResetCode } from "../../shared/protocol/codes.ts";
import { LIMITS, TIMES } from "../../shared/protocol/limits.ts";
import { nextAttempt } from "./next-attempt.ts";
import { Bench, bytesOf, HeldBody, storedKey, uuid } from "./testing/bench.ts";
import type { FakeAgent } from "./testing/fake-agent.ts";
import { RecordingClient } from "./testing/recording-client.ts";
import { turn } from "./testing/turn.ts";

const WINDOW = TIMES.resume_window_ms;

/** The history row of the only request so far. */
async function rowOf(on: Bench): Promise<RequestView> {
  await on.brain.recorder.flush();
  const [row, ...others] = on.history.requests;
  if (row === undefined || others.length > 0) throw new Error(`${others.length + 1} rows`);
  return row;
}

/** Nothing is held, counted, timed or waited for. */
async function atRest(on: Bench, ...agents: FakeAgent[]): Promise<void> {
  await on.clock.drain();
  expect(on.brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
  for (const agent of await on.brain.listAgents()) {
    expect([agent.name, agent.active_requests, agent.queued_requests]).toEqual([agent.name, 0, 0]);
  }
  for (const gauge of on.brain.gauges()) expect(gauge).toMatchObject({ streams: 0, received_held: 0 });
  for (const agent of agents) expect([agent.name, agent.streams]).toEqual([agent.name, 0]);
  expect(on.clock.timers).toBe(0);
}

test("an answered request: the body goes up, the answer comes down, and a row says what it was", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: {} }, { keys: [storedKey("k")] });
  await on.clock.advance(100);
  const asked = on.ask(
    {
      caller: { kind: "key", key_id: "k", by_path: false },
      contentLength: 11,
      headers: [["content-type", "application/json"]],
    },
    bytesOf('{"model":', '"m"}'),
  );
  await on.clock.advance(50);
  const request = agent("a").last;
  expect(request.head).toMatchObject({ method: "POST", path: "/api/chat", content_length: 11 });
  expect(request.body).toBe('{"model":"m"}');
  expect(request.bodyEnded).toBe(true);
  expect(await on.brain.getAgent("a")).toMatchObject({ active_requests: 1 });

  request.respond(200, [
    ["content-type", "application/x-ndjson"],
    ["set-cookie", "a=b"],
  ]);
  await on.clock.advance(50);
  request.write("{}\n").write("{}\n");
  request.finish({
    prompt_tokens: 3,
    completion_tokens: 20,
    eval_duration: 2e9,
    load_duration: 5e6,
    more: 1,
  });
  await turn();
  expect(asked.ended).toEqual({ kind: "answered" });
  expect(asked.client.body).toBe("{}\n{}\n");
  expect(asked.client.headers).toEqual([
    ["content-type", "application/x-ndjson"],
    ["x-content-type-options", "nosniff"],
    ["content-security-policy", "sandbox"],
    ["x-request-id", uuid(1)],
    ["x-coordinator-agent", "a"],
    ["x-coordinator-attempts", "1"],
    ["x-coordinator-queue-ms", "0"],
    ["x-coordinator-reason", "only-holder"],
  ]);
  expect(await rowOf(on)).toEqual({
    id: uuid(1),
    at: new Date(on.clock.now() - 100).toISOString(),
    endpoint: "/api/chat",
    model: "m",
    key_id: "k",
    key_name: "k",
    agent_id: "a",
    agent_name: "a",
    status: 200,
    error_code: null,
    attempts: 1,
    reason: "only-holder",
    queue_ms: 0,
    first_byte_ms: 50,
    duration_ms: 100,
    prompt_tokens: 3,
    completion_tokens: 20,
    load_ms: 5,
    prompt_ms: null,
    eval_ms: 2_000,
    request_bytes: 11,
    response_bytes: 6,
    tries: [
      {
        agent_id: "a",
        agent_name: "a",
        reason: "only-holder",
        started_ms: 0,
        first_byte_ms: 50,
        ended_ms: 100,
        error_code: null,
      },
    ],
  });
  expect(await on.brain.getAgent("a")).toMatchObject({
    active_requests: 0,
    total_requests: 1,
    failed_requests: 0,
    tokens_per_second: 10,
  });
  await atRest(on, agent("a"));
});

test("a machine whose Ollama does not say how long an answer took is measured by its stream", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: {} });
  const asked = on.ask();
  await turn();
  agent("a").last.respond().write("data: ");
  await on.clock.advance(2_000);
  agent("a").last.finish({ completion_tokens: 60 });
  await asked.outcome;
  expect((await on.brain.getAgent("a"))?.tokens_per_second).toBe(30);
});

test("what Ollama answers is passed on whatever its status, and only 5xx counts as the machine's failure", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: { slots: 3 } });
  for (const status of [404, 500, 200]) {
    const asked = on.ask();
    await turn();
    agent("a").last.answer('{"error":"x"}', status);
    await turn();
    expect([asked.ended?.kind, asked.client.status, asked.client.body]).toEqual([
      "answered",
      status,
      '{"error":"x"}',
    ]);
  }
  expect(await on.brain.getAgent("a")).toMatchObject({ total_requests: 3, failed_requests: 1 });
});

describe("refused before anything was asked of an agent", () => {
  test.each([
    ["an unknown key", { caller: { kind: "key", key_id: "x", by_path: false } }, "unauthorized", false],
    [
      "a key without the model",
      { caller: { kind: "key", key_id: "k", by_path: false }, model: "n" },
      "forbidden",
      true,
    ],
    ["a cloud model", { model: "gpt-oss:120b-cloud" }, "forbidden", true],
    ["no model", { model: undefined }, "bad_request", true],
    ["an agent that is not there", { agent: "z" }, "bad_request", true],
    ["pinning without manage", { caller: { kind: "anonymous" }, agent: "a" }, "forbidden", true],
    ["a model that nobody has", { model: "n" }, "model_not_found", true],
  ] as const)(
    "%s: its body is left alone, and the history has it unless nobody knows the caller",
    async (...row) => {
      const [, over, code, recorded] = row;
      const { bench: on, agent } = await Bench.fleet(
        { a: {} },
        { keys: [storedKey("k", { models: ["m"] })] },
      );
      const body = bytesOf("{}");
      const asked = on.ask(over, body);
      await turn();
      expect(asked.ended).toMatchObject({ kind: "refused", code });
      expect(asked.client.journal).toEqual([]);
      expect(body.cancelled).toBe(true);
      expect(agent("a").requests).toEqual([]);
      await on.brain.recorder.flush();
      expect(on.history.requests.map(({ status, error_code }) => [status, error_code])).toEqual(
        recorded ? [[CLIENT_ERRORS[code].status, code]] : [],
      );
      await atRest(on, agent("a"));
    },
  );

  test("a key's last use is written within seconds, also when nothing was asked of an agent", async () => {
    const { bench: on } = await Bench.fleet({ a: {} }, { keys: [storedKey("k")] });
    await on.clock.advance(5_000);
    const at = on.clock.now();
    on.ask({ caller: { kind: "key", key_id: "k", by_path: false }, model: "n" });
    await on.clock.advance(10_000);
    expect(on.store.keys.get("k")).toMatchObject({ last_used_at: at });
    expect(on.store.journal.filter((call) => call === "saveKey")).toHaveLength(1);
  });

  test("a key that is revoked while its request waits does not get its turn", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} }, { keys: [storedKey("k")] });
    const first = on.ask({});
    await turn();
    const waiting = on.ask({ caller: { kind: "key", key_id: "k", by_path: false } });
    await turn();
    expect(on.brain.load()).toMatchObject({ running: 1, waiting: 1 });
    await on.brain.deleteKey("k");
    agent("a").last.respond(200, []).finish();
    expect(await first.outcome).toMatchObject({ kind: "answered" });
    expect(await waiting.outcome).toMatchObject({ kind: "refused", code: "unauthorized" });
    expect(on.brain.load()).toMatchObject({ running: 0, waiting: 0, streams: 0 });
  });

  test("a model that is not found is named in Ollama's words, as the client wrote it", async () => {
    const { bench: on } = await Bench.fleet({ a: {} });
    const asked = on.ask({ model: "Llama3:8B" });
    await turn();
    expect(asked.ended).toMatchObject({ message: "model 'Llama3:8B' not found" });
  });
});

describe("lost before a byte", () => {
  test.each<[ResetCode, string, "retry" | "final"]>([
    ["ollama_unreachable", "ollama_unreachable", "retry"],
    ["ollama_timeout", "ollama_timeout", "retry"],
    ["ollama_cut", "ollama_cut", "retry"],
    ["stopping", "agent_lost", "retry"],
    ["limit", "agent_lost", "retry"],
    ["unknown_stream", "agent_lost", "retry"],
    ["cancelled", "agent_lost", "retry"],
    ["route_refused", "forbidden", "final"],
    ["owner_refused", "forbidden", "final"],
  ])("%s is %s towards the client: %s", async (reset, code, what) => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask({ mayRetry: true });
    await turn();
    agent("a").last.reset(reset);
    await turn();
    if (what === "retry") {
      expect(asked.ended).toMatchObject({
        kind: "lost",
        code,
        agentId: "a",
        ticket: { number: expect.any(Number) },
      });
      await on.brain.recorder.flush();
      expect(on.history.requests).toEqual([]);
    } else {
      expect(asked.ended).toMatchObject({ kind: "refused", code });
      expect(await rowOf(on)).toMatchObject({ status: 403, error_code: code, agent_name: "a" });
    }
    expect(asked.client.journal).toEqual([]);
    await atRest(on, agent("a"));
  });

  test("the last attempt's loss is the client's error and the machine's failure", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask({ mayRetry: false, attempt: 3 });
    await turn();
    agent("a").last.reset("ollama_unreachable");
    await turn();
    expect(asked.ended).toMatchObject({ kind: "refused", code: "ollama_unreachable" });
    expect(await rowOf(on)).toMatchObject({ status: 502, error_code: "ollama_unreachable", attempts: 3 });
    expect(await on.brain.getAgent("a")).toMatchObject({ total_requests: 1, failed_requests: 1 });
  });

  test("a retry keeps its arrival: queue timeout, first byte and duration count from there", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const first = on.ask();
    await on.clock.advance(1_000);
    agent("a").last.reset("ollama_unreachable");
    await turn();
    if (first.ended?.kind !== "lost") throw new Error("not lost");
    const { ticket } = first.ended;
    const retry = on.ask({ attempt: 2, avoid: ["a"], ticket });
    await on.clock.advance(500);
    agent("b").last.respond().finish();
    await turn();
    expect(retry.client.header("x-coordinator-attempts")).toBe("2");
    expect(await rowOf(on)).toMatchObject({
      attempts: 2,
      agent_name: "b",
      first_byte_ms: 1_500,
      duration_ms: 1_500,
    });
  });

  test("its row tells of both machines: the one that was lost, and the one that answered", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const call = on.call();
    const first = on.ask(call);
    await on.clock.advance(100);
    agent("a").lose();
    await turn();
    if (first.ended?.kind !== "lost") throw new Error("not lost");
    await on.clock.advance(50);
    on.ask(nextAttempt(call, first.ended));
    await on.clock.advance(200);
    agent("b").last.respond().write("{}");
    await on.clock.advance(300);
    agent("b").last.finish();
    await turn();
    expect(await rowOf(on)).toMatchObject({
      id: call.id,
      attempts: 2,
      agent_name: "b",
      error_code: null,
      tries: [
        {
          agent_id: "a",
          agent_name: "a",
          started_ms: 0,
          first_byte_ms: null,
          ended_ms: 100,
          error_code: "agent_lost",
        },
        {
          agent_id: "b",
          agent_name: "b",
          started_ms: 150,
          first_byte_ms: 350,
          ended_ms: 650,
          error_code: null,
        },
      ],
    });
  });

  test("with the connection: gives up at once where another agent can serve, at once or in turn", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const [onA, onB] = [on.ask(), on.ask()];
    await turn();
    agent("a").lose();
    await turn();
    expect(onA.ended).toMatchObject({ kind: "lost", code: "agent_lost", agentId: "a" });
    expect(onB.ended).toBeUndefined();
    // The agent keeps its stream until it hears that nobody wants it.
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(agent("a").last.failure).toBe("cancelled");
    agent("b").last.answer();
    await atRest(on, agent("a"), agent("b"));
  });

  test("with the connection: waits where only this agent has the model, and goes on when it is back", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: { models: ["n"] } });
    const asked = on.ask();
    await turn();
    agent("a").lose();
    await on.clock.advance(2_000);
    expect(asked.ended).toBeUndefined();
    agent("a").dial(on.brain, on.now);
    agent("a").last.answer();
    await turn();
    expect(asked.ended).toEqual({ kind: "answered" });
    expect(agent("a").requests).toHaveLength(1);
    await atRest(on, agent("a"));
  });

  test("with the connection: a lone agent that does not come back is lost when its window is over", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").lose();
    await on.clock.advance(WINDOW - 1);
    expect(asked.ended).toBeUndefined();
    await on.clock.advance(1);
    expect(asked.ended).toMatchObject({ kind: "lost", code: "agent_lost" });
    await atRest(on);
  });

  test("pinned to a lost agent: nobody else is an elsewhere", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const asked = on.ask({ agent: "a" });
    await turn();
    agent("a").lose();
    await on.clock.advance(1_000);
    expect(asked.ended).toBeUndefined();
    await on.clock.advance(WINDOW);
    expect(asked.ended).toMatchObject({ kind: "lost" });
  });

  test("administration is never given up for another machine", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const asked = on.ask({
      class: "manage",
      endpoint: "/api/pull",
      path: "/api/pull",
      agent: "a",
      mayRetry: false,
    });
    await turn();
    agent("a").lose();
    await on.clock.advance(1_000);
    agent("a").dial(on.brain, on.now);
    agent("a").last.answer();
    await turn();
    expect(asked.ended).toEqual({ kind: "answered" });
    expect(agent("b").requests).toEqual([]);
  });

  test("an agent has no stream left: the request is lost to it and nothing of it remains", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    for (let streams = 0; streams < LIMITS.streams_per_agent; streams++) on.ask({ class: "show" });
    const one = on.ask({ class: "show" });
    await turn();
    expect(one.ended).toMatchObject({ kind: "lost", code: "agent_lost" });
    expect(on.brain.load()).toMatchObject({
      running: LIMITS.streams_per_agent,
      streams: LIMITS.streams_per_agent,
    });
    for (const request of agent("a").requests) request.answer();
    await atRest(on, agent("a"));
  });

  test("a head that the tunnel does not take is the client's fault and costs nobody's socket", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    for (const headers of [[["user-agent", "x".repeat(20_000)]], [["accept", "\u{1F600}"]]] as [
      string,
      string,
    ][][]) {
      const asked = on.ask({ headers });
      await turn();
      expect(asked.ended).toMatchObject({ kind: "refused", code: "bad_request" });
    }
    expect(agent("a").online).toBe(true);
    await atRest(on, agent("a"));
  });
});

describe("lost after a byte", () => {
  test.each<[ResetCode, string]>([
    ["ollama_cut", "ollama_cut"],
    ["ollama_timeout", "ollama_timeout"],
    ["stopping", "agent_lost"],
  ])("%s ends the answer with %s, after everything that came before it", async (reset, code) => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.respond().write("12345").cut(reset);
    await turn();
    expect(asked.client.journal).toEqual(["head 200", "write 5", `fail ${code}`]);
    expect(asked.ended).toEqual({ kind: "answered" });
    expect(await rowOf(on)).toMatchObject({ status: 200, error_code: code, response_bytes: 5 });
    expect(await on.brain.getAgent("a")).toMatchObject({ failed_requests: 1 });
    await atRest(on, agent("a"));
  });

  test("with the connection: resumed where it was, byte for byte, although another agent is free", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const asked = on.ask();
    await turn();
    const request = agent("a").last.respond().write("one ");
    await turn();
    agent("a").lose();
    request.write("two ");
    await on.clock.advance(5_000);
    agent("a").dial(on.brain, on.now);
    request.write("three").finish();
    await turn();
    expect(asked.client.body).toBe("one two three");
    expect(asked.ended).toEqual({ kind: "answered" });
    await atRest(on, agent("a"), agent("b"));
  });

  test("with the connection and not back in time: an error, never a clean end", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.respond().write("all of it");
    await turn();
    // Its END is on the way when the socket dies: for all that anybody knows, more was to come.
    agent("a").last.finish();
    agent("a").lose();
    await on.clock.advance(WINDOW);
    expect(asked.client.journal).toEqual(["head 200", "write 9", "fail agent_lost"]);
    expect(await rowOf(on)).toMatchObject({ status: 200, error_code: "agent_lost" });
    await atRest(on);
  });
});

describe("the client leaves", () => {
  test("before anything: no agent hears of it", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const client = new RecordingClient();
    client.leave();
    const body = bytesOf("{}");
    const asked = on.ask({}, body, client);
    await turn();
    expect(asked.ended).toEqual({ kind: "gone" });
    expect(body.cancelled).toBe(true);
    expect(agent("a").requests).toEqual([]);
    expect(await rowOf(on)).toMatchObject({ status: 499, error_code: "cancelled", agent_id: null });
    await atRest(on, agent("a"));
  });

  test("in the queue: it is gone from it, and the next in line is served", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const running = on.ask();
    const [leaves, stays] = [on.ask(), on.ask()];
    await turn();
    expect(await on.brain.getAgent("a")).toMatchObject({ queued_requests: 2 });
    leaves.client.leave();
    await turn();
    expect(leaves.ended).toEqual({ kind: "gone" });
    agent("a").last.answer();
    await turn();
    agent("a").last.answer();
    await turn();
    expect([running.ended, stays.ended]).toEqual([{ kind: "answered" }, { kind: "answered" }]);
    expect(agent("a").requests).toHaveLength(2);
    await atRest(on, agent("a"));
  });

  test("in the queue, while several wait: no timer runs but those of what is really due", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = [on.ask(), on.ask(), on.ask()];
    // Agents' state and history are saved, and silent agents looked for.
    await on.clock.advance(6_000);
    agent("a").socket?.ping();
    expect(on.clock.next).toBeGreaterThan(1_000);
    for (const each of asked) each.client.leave();
    await atRest(on, agent("a"));
  });

  test("in the very turn in which it is granted a place: the place goes to the next", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    on.ask();
    const [leaves, stays] = [on.ask(), on.ask()];
    await turn();
    // Pumps the line: the grant is settled, and who was granted it has not gone on yet.
    const patched = on.brain.patchAgent("a", { max_concurrency: 2 });
    leaves.client.leave();
    await patched;
    await turn();
    expect(leaves.ended).toEqual({ kind: "gone" });
    expect(agent("a").requests).toHaveLength(2);
    for (const request of agent("a").open) request.answer();
    await turn();
    expect(stays.ended).toEqual({ kind: "answered" });
    await atRest(on, agent("a"));
  });

  test("before the head: Ollama is told at once, and nothing more reaches the client", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    asked.client.leave();
    expect(asked.client.journal).toEqual([]);
    await turn();
    expect(asked.ended).toEqual({ kind: "gone" });
    expect(agent("a").last.failure).toBe("cancelled");
    expect(await rowOf(on)).toMatchObject({ status: 499, error_code: "cancelled", agent_name: "a" });
    await atRest(on, agent("a"));
  });

  test("in mid-stream: Ollama is told at once, and the row has what the client saw", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    const request = agent("a").last.respond().write("12345");
    await turn();
    asked.client.leave();
    request.write("more");
    await turn();
    expect(request.failure).toBe("cancelled");
    expect(asked.client.journal).toEqual(["head 200", "write 5"]);
    expect(await rowOf(on)).toMatchObject({ status: 200, error_code: "cancelled", response_bytes: 5 });
    await atRest(on, agent("a"));
  });

  test("while its agent is away: the agent hears it when it is back", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").lose();
    asked.client.leave();
    await turn();
    expect(asked.ended).toEqual({ kind: "gone" });
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(agent("a").last.failure).toBe("cancelled");
    await atRest(on, agent("a"));
  });

  test("after the end: nothing is counted twice", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.answer();
    await turn();
    asked.client.leave();
    await turn();
    expect(await rowOf(on)).toMatchObject({ error_code: null });
    expect(await on.brain.getAgent("a")).toMatchObject({ total_requests: 1 });
    await atRest(on, agent("a"));
  });
});

describe("the request's body", () => {
  test("that breaks off ends the request at the agent: there is nobody left to answer", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const body = new HeldBody();
    const asked = on.ask({ contentLength: -1 }, body);
    body.give("half");
    await turn();
    expect(agent("a").last.body).toBe("half");
    body.give(new Error("the client stopped sending"));
    await turn();
    expect(agent("a").last.failure).toBe("cancelled");
    expect(agent("a").last.bodyEnded).toBe(false);
    expect(asked.ended).toEqual({ kind: "gone" });
    await atRest(on, agent("a"));
  });

  test("that breaks off while nobody reads it, after the answer: no harm", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const body = new HeldBody();
    const asked = on.ask({ contentLength: -1 }, body);
    body.give("half");
    await turn();
    // Ollama answers before it has read all of it, as it does for a bad request.
    agent("a").last.answer('{"error":"bad"}', 400);
    await turn();
    expect(asked.ended).toEqual({ kind: "answered" });
    body.give(new Error("the client stopped sending"));
    await turn();
    expect(await rowOf(on)).toMatchObject({ status: 400, error_code: null });
    await atRest(on, agent("a"));
  });

  test("is read no faster than the agent takes it", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    agent("a").reads = false;
    const body = new HeldBody();
    const asked = on.ask({ contentLength: -1 }, body);
    const piece = "x".repeat(16 * 1024);
    for (let pieces = 0; pieces < 20; pieces++) body.give(piece);
    await turn();
    const window = LIMITS.request_window_bytes / piece.length;
    expect(body.reads).toBe(window);
    agent("a").last.read(piece.length);
    await turn();
    expect(body.reads).toBe(window + 1);
    asked.client.leave();
    await turn();
    expect(body.reads).toBe(window + 1);
    await atRest(on, agent("a"));
  });

  test("of a request without one ends at once", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    on.ask({ contentLength: 0 }, null);
    await turn();
    expect(agent("a").last).toMatchObject({ bodyEnded: true, body: "" });
    expect(agent("a").last.head.content_length).toBe(0);
  });
});

test("a client that does not read holds one window at most, and the others go on", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: { slots: 2 } });
  const stalled = on.ask({}, null, new RecordingClient({ reads: false }));
  const reads = on.ask();
  await turn();
  const [slow, quick] = agent("a").requests;
  slow?.respond();
  for (let pieces = 0; pieces < 50; pieces++) slow?.write(new Uint8Array(16 * 1024));
  quick?.respond();
  for (let pieces = 0; pieces < 50; pieces++) quick?.write(new Uint8Array(16 * 1024));
  quick?.finish();
  await turn();
  expect(reads.client.bytes).toBe(50 * 16 * 1024);
  expect(reads.ended).toEqual({ kind: "answered" });
  expect(stalled.client.bytes).toBe(LIMITS.window_bytes);
  expect(on.brain.gauges()).toMatchObject([{ streams: 1, received_held_max: LIMITS.window_bytes }]);
  stalled.client.consume();
  slow?.finish();
  await turn();
  expect(stalled.client.bytes).toBe(50 * 16 * 1024);
  await atRest(on, agent("a"));
});

test("a machine's name that a header cannot carry is encoded in it", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: {} });
  await on.brain.patchAgent("a", { name: "書斎 PC" });
  const asked = on.ask();
  await turn();
  agent("a").last.answer();
  await turn();
  expect(asked.client.header("x-coordinator-agent")).toBe(encodeURIComponent("書斎 PC"));
});
