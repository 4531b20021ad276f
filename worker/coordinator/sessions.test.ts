import { describe, expect, test } from "vitest";
import { encode } from "../../shared/frame/codec.ts";
import type { Frame } from "../../shared/frame/types.ts";
import { LIMITS, TIMES } from "../../shared/protocol/limits.ts";
import { Bench, storedAgent } from "./testing/bench.ts";
import { FakeAgent } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

const WINDOW = TIMES.resume_window_ms;

function stranger(over: Partial<ConstructorParameters<typeof FakeAgent>[0]> = {}): FakeAgent {
  return new FakeAgent({ id: "a", name: "a", ...over });
}

function bench(): Bench {
  return new Bench({ agents: [storedAgent("a")] });
}

const view = async (on: Bench, id = "a") => await on.brain.getAgent(id);
const state = (json: unknown): Frame => ({ type: "state", stream: 0, json });

describe("greeting", () => {
  test("TN17: WELCOME is the first frame, comes once, and says the times that hold", async () => {
    const on = bench();
    await on.brain.putSettings({ resume_window_s: 7, idle_timeout_s: 9 });
    const agent = stranger();
    const socket = agent.dial(on.brain, on.now);
    await turn();
    expect(socket.sent.map(({ type }) => type)).toEqual(["welcome"]);
    expect(agent.welcomes).toEqual([
      {
        version: 1,
        agent_id: "a",
        name: "a",
        heartbeat_ms: 10_000,
        resume_window_ms: 7_000,
        connect_ms: 5_000,
        first_byte_ms: 600_000,
        idle_ms: 9_000,
        streams: [],
      },
    ]);
    expect(await view(on)).toMatchObject({ status: "online", routable: true });
    expect(on.clock.timers).toBeLessThanOrEqual(2);
  });

  test("TN17: anything before HELLO closes the socket with protocol_error, and frames after it in the message count for nothing", async () => {
    const on = bench();
    const agent = stranger();
    const socket = agent.connect(on.brain, on.now);
    socket.say(encode([state({}), { type: "hello", stream: 0, json: agent.hello() }]));
    await turn();
    expect(socket.closed).toEqual({ code: 4000, reason: "state frame before HELLO" });
    expect(await view(on)).toMatchObject({ status: "offline" });
  });

  test("TN17: a second HELLO is a protocol error", async () => {
    const on = bench();
    const agent = stranger();
    const socket = agent.dial(on.brain, on.now);
    await turn();
    agent.say({ type: "hello", stream: 0, json: agent.hello() });
    await turn();
    expect(socket.closed).toEqual({ code: 4000, reason: "hello frame from an agent" });
  });

  test("TN17: frames behind HELLO in the same message are read, and a bad one ends what HELLO began", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask({ mayRetry: false });
    await turn();
    agent("a").lose();
    await turn();
    expect(asked.ended).toBeUndefined();
    const socket = agent("a").connect(on.brain, on.now);
    const hello: Frame = { type: "hello", stream: 0, json: agent("a").hello() };
    socket.say(encode([hello, { type: "welcome", stream: 0, json: {} }]));
    await turn();
    expect(socket.closed).toMatchObject({ code: 4000 });
    // Not after the resume window: the same frame would come again.
    expect(asked.ended).toMatchObject({ kind: "refused", code: "agent_lost" });
  });

  test("no HELLO in time closes with hello_timeout, and no timer is left of one that came", async () => {
    const on = bench();
    const silent = stranger();
    const socket = silent.connect(on.brain, on.now);
    await on.clock.advance(TIMES.hello_ms - 1);
    expect(socket.closed).toBeUndefined();
    await on.clock.advance(1);
    expect(socket.closed).toMatchObject({ code: 4006 });
    expect(silent.closes).toMatchObject([{ code: 4006 }]);

    const gone = stranger();
    gone.connect(on.brain, on.now);
    gone.lose();
    const good = stranger();
    good.dial(on.brain, on.now);
    await on.clock.drain();
    expect(good.closes).toEqual([]);
  });

  test("TN3: no common version closes with 4004 and says the range", async () => {
    const on = bench();
    const agent = stranger();
    const socket = agent.dial(on.brain, on.now, { version: { min: 2, max: 9 } });
    await turn();
    expect(socket.closed).toEqual({ code: 4004, reason: "this coordinator speaks 1 to 1, you 2 to 9" });
    expect(await view(on)).toMatchObject({ status: "offline" });
  });

  test("an agent that was removed between the upgrade and HELLO is told so", async () => {
    const on = bench();
    const agent = stranger();
    const socket = agent.connect(on.brain, on.now);
    await on.brain.deleteAgent("a");
    socket.say(encode([{ type: "hello", stream: 0, json: agent.hello() }]));
    await turn();
    expect(socket.closed).toMatchObject({ code: 4002 });
  });

  test("what HELLO says of the machine is stored once, and what it did not say stays", async () => {
    const on = new Bench({ agents: [storedAgent("a", { os: "before", ip_address: "10.0.0.1" })] });
    const agent = stranger();
    agent.dial(on.brain, on.now, { machine_name: "tower", ollama_port: 1234 });
    await turn();
    expect(on.store.agents.get("a")).toMatchObject({
      machine_name: "tower",
      ollama_port: 1234,
      os: "before",
      ip_address: "10.0.0.1",
      name: "a",
    });
    const writes = on.store.journal.length;
    agent.lose();
    agent.dial(on.brain, on.now, { machine_name: "tower", ollama_port: 1234 });
    await turn();
    expect(on.store.journal.slice(writes)).toEqual([]);
  });
});

describe("text messages", () => {
  test.each(["ping", "pong", "", "hello"])(
    "TN15: text %j that reaches the brain is a protocol error: the platform has answered the ping before",
    async (text) => {
      const on = bench();
      const agent = stranger();
      const socket = agent.dial(on.brain, on.now);
      await turn();
      socket.say(text);
      await turn();
      expect(socket.closed).toMatchObject({ code: 4000 });
    },
  );

  test("TN15: a socket on which nothing came for 25 s is closed as silent; pings keep it", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const socket = agent("a").socket;
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await on.clock.advance(10_000);
      socket?.ping();
      await on.brain.listAgents();
    }
    expect(agent("a").closes).toEqual([]);
    expect(agent("b").closes).toEqual([{ code: 4007, reason: "nothing heard for 25000 ms" }]);
    expect(on.history.kinds()).toContain("agent_offline");
  });

  test("TN15: while a request runs a silent agent is noticed without anybody asking, and its requests go elsewhere", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    const asked = on.ask();
    await turn();
    expect(agent("a").requests.length).toBe(1);
    for (let seconds = 0; seconds < 30; seconds += 5) {
      agent("b").socket?.ping();
      await on.clock.advance(5_000);
    }
    expect(agent("a").closes).toMatchObject([{ code: 4007 }]);
    expect(asked.ended).toMatchObject({ kind: "lost", code: "agent_lost", agentId: "a" });
  });
});

describe("one agent, several connections", () => {
  test("a newer connection of the same program replaces the older and takes its streams over", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    const old = agent("a").socket;
    agent("a").last.respond().write("one ");
    await turn();
    const next = agent("a").dial(on.brain, on.now);
    await turn();
    expect(old?.closed).toMatchObject({ code: 4001 });
    agent("a").last.write("two").finish();
    await turn();
    expect(asked.client.journal).toEqual(["head 200", "write 4", "write 3", "end"]);
    expect(asked.client.body).toBe("one two");
    expect(next.closed).toBeUndefined();
    expect(await view(on)).toMatchObject({ status: "online", active_requests: 0 });
  });

  test("a new program of the same machine ends what the old one was doing", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const [seen, unseen] = [on.ask(), on.ask({ class: "show" })];
    await turn();
    agent("a").requests[0]?.respond().write("half");
    await turn();
    agent("a").restart("instance-2");
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(seen.client.journal).toEqual(["head 200", "write 4", "fail agent_lost"]);
    expect(unseen.ended).toMatchObject({ kind: "lost", code: "agent_lost" });
    expect(await view(on)).toMatchObject({ status: "online", active_requests: 0 });
  });

  test("a second machine with the same token is refused while the first lives, and while it is coming back", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const thief = stranger({ instance: "instance-x", machine: "machine-x" });
    const refused = thief.dial(on.brain, on.now);
    await turn();
    expect(refused.closed).toMatchObject({ code: 4003 });
    expect(agent("a").online).toBe(true);
    agent("a").lose();
    await on.clock.advance(WINDOW - 1);
    expect(thief.dial(on.brain, on.now).closed).toMatchObject({ code: 4003 });
    await on.clock.advance(1);
    const accepted = thief.dial(on.brain, on.now);
    await turn();
    expect(accepted.closed).toBeUndefined();
    await on.clock.advance(1_000);
    expect(on.history.kinds().filter((kind) => kind === "identity_conflict")).toHaveLength(2);
  });

  test("a first machine that fell silent does not keep the second out", async () => {
    const { bench: on } = await Bench.fleet({ a: {} });
    await on.clock.advance(TIMES.silent_ms + 1);
    const second = stranger({ instance: "instance-x", machine: "machine-x" });
    second.dial(on.brain, on.now);
    await turn();
    expect(second.online).toBe(true);
  });

  test("what an old socket still says or loses is nothing to the new one", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const old = agent("a").socket;
    agent("a").dial(on.brain, on.now);
    old?.say(encode([state({ ollama: "absent" })]));
    await turn();
    old?.lose();
    await turn();
    expect(await view(on)).toMatchObject({ status: "online", routable: true });
  });
});

describe("endings", () => {
  test("a removed agent is told for good, its requests end, and its row does not come back", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: { models: [] } });
    const asked = on.ask({ mayRetry: false });
    await turn();
    const waiting = on.ask();
    await turn();
    await on.brain.deleteAgent("a");
    await turn();
    expect(agent("a").closes).toMatchObject([{ code: 4002 }]);
    expect(asked.ended).toMatchObject({ kind: "refused", code: "agent_lost" });
    expect(waiting.ended).toMatchObject({ kind: "refused", code: "model_not_found" });
    await on.clock.drain();
    expect([...on.store.runtimes.keys()]).toEqual(["b"]);
    expect(on.brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
  });

  test("disconnected by an operator it dials again, and its streams go on", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.respond().write("x");
    await turn();
    await on.brain.disconnectAgent("a");
    await turn();
    expect(agent("a").closes).toMatchObject([{ code: 4005 }]);
    agent("a").dial(on.brain, on.now);
    agent("a").last.write("y").finish();
    await turn();
    expect(asked.client.body).toBe("xy");
    expect(asked.client.journal.at(-1)).toBe("end");
  });

  test("one that stops in an orderly way gets no new work, ends its own, and is not waited for", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: { models: [] } });
    const running = on.ask();
    await turn();
    agent("a").tell({ stopping: true });
    await turn();
    expect(await view(on)).toMatchObject({ status: "online", not_routable_reason: "stopping" });
    const late = on.ask();
    agent("a").last.answer();
    await turn();
    expect(running.ended).toEqual({ kind: "answered" });
    expect(late.ended).toMatchObject({ code: "model_offline" });
    agent("a").socket?.lose(1001);
    await turn();
    const after = on.ask();
    await turn();
    expect(after.ended).toMatchObject({ code: "model_offline" });
    expect(await view(on)).toMatchObject({ status: "offline", not_routable_reason: "offline" });
    await on.clock.drain();
    expect(on.store.runtimes.get("a")).toMatchObject({ online: false });
  });

  test("one that stops and is back is routable again", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    agent("a").say(state({ stopping: true }));
    agent("a").lose();
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(await view(on)).toMatchObject({ routable: true });
  });

  test("a protocol error ends its streams at once, is an event, and the agent counts as coming back", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.respond().write("half");
    await turn();
    agent("a").say(state({ cpu_usage: 1_000 }));
    await turn();
    expect(agent("a").closes).toMatchObject([
      { code: 4000, reason: expect.stringMatching(/^state: cpu_usage: /) },
    ]);
    expect(asked.client.journal.at(-1)).toBe("fail agent_lost");
    const waits = on.ask();
    await turn();
    expect(waits.ended).toBeUndefined();
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(agent("a").welcomes.at(-1)?.streams).toEqual([]);
    agent("a").last.answer();
    await turn();
    expect(waits.ended).toEqual({ kind: "answered" });
    await on.clock.drain();
    expect(on.history.kinds()).toEqual(["agent_online", "agent_offline", "agent_online"]);
  });

  test("TN2: a close reason that quotes the peer fits into its 123 bytes, whatever the peer wrote", async () => {
    for (const key of ["ö".repeat(100), "名".repeat(100), "😀".repeat(50), `${"a".repeat(60)}😀`]) {
      const on = bench();
      const agent = stranger();
      const socket = agent.connect(on.brain, on.now);
      const hello = { ...agent.hello(), state: { models: [{ name: "m", details: { [key.repeat(2)]: 1 } }] } };
      socket.say(encode([{ type: "hello", stream: 0, json: hello }]));
      await turn();
      expect(socket.closed?.code).toBe(4000);
      expect(socket.closed?.reason).toMatch(/^hello: state\.models\.0\.details/);
    }
  });

  test("an agent that is lost is offline at once, coming back for its window, and then given up", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    agent("a").lose();
    expect(await view(on)).toMatchObject({ status: "offline", not_routable_reason: "coming_back" });
    await on.clock.advance(WINDOW);
    expect(await view(on)).toMatchObject({ status: "offline", not_routable_reason: "offline" });
    await on.clock.drain();
    expect(on.store.runtimes.get("a")).toMatchObject({ online: false });
  });

  test("streams of an agent that is lost twice wait a whole window from the second loss", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    const asked = on.ask();
    await turn();
    agent("a").last.respond().write("1");
    await turn();
    agent("a").lose();
    await on.clock.advance(WINDOW - 1_000);
    agent("a").dial(on.brain, on.now);
    await turn();
    agent("a").lose();
    await on.clock.advance(WINDOW - 1);
    expect(asked.ended).toBeUndefined();
    agent("a").dial(on.brain, on.now);
    agent("a").last.write("2").finish();
    await turn();
    expect(asked.client.body).toBe("12");
    await on.clock.advance(WINDOW);
    expect(agent("a").online).toBe(true);
  });
});

describe("after a restart", () => {
  test("a socket that outlived the brain's memory is its agent's again, without a HELLO", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: { slots: 2 } });
    const lost = on.ask();
    await on.clock.advance(1_000);
    const socket = agent("a").socket;
    const attachment = socket?.attachment;
    expect(attachment).toEqual({
      agent_id: "a",
      open: { instance_id: "instance-of-a", machine_hash: "machine-of-a", connected_at: expect.any(Number) },
    });
    if (socket === undefined || attachment === undefined) throw new Error("no socket");

    on.restart();
    const other = new Bench({ store: on.store });
    other.brain.restore(socket, attachment);
    expect(await view(other)).toMatchObject({ status: "online", routable: true, models: [{ name: "m" }] });
    expect(await other.brain.lowestVersion()).toBe("0.20.0");
    expect(lost.ended).toBeUndefined();
  });

  test("a request after hibernation is served over the old socket, and its old streams are over", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: { slots: 2 } });
    on.ask();
    await on.clock.advance(1_000);
    const socket = agent("a").socket;
    if (socket?.attachment === undefined) throw new Error("no socket");
    const [old] = agent("a").requests;
    const woken = new Bench({ store: on.store });
    // The platform hands messages of that socket to the new life.
    socket.rewire({
      message: (from, message) => woken.brain.message(from, message),
      closed: (from) => woken.brain.closed(from),
    });
    woken.brain.restore(socket, socket.attachment);
    old?.respond().write("for nobody");
    const asked = woken.ask();
    await turn();
    expect(old?.failure).toBe("unknown_stream");
    agent("a").last.answer();
    await turn();
    expect(asked.ended).toEqual({ kind: "answered" });
    expect(asked.client.header("x-coordinator-agent")).toBe("a");
  });

  test("a socket that had not said HELLO, or whose agent is gone, has to dial again", async () => {
    const on = bench();
    const early = stranger();
    const socket = early.connect(on.brain, on.now);
    const woken = new Bench({ store: on.store });
    woken.brain.restore(socket, { agent_id: "a" });
    expect(socket.closed).toMatchObject({ code: 4005 });
    const removed = stranger().connect(on.brain, on.now);
    woken.brain.restore(removed, {
      agent_id: "nobody",
      open: { instance_id: "i", machine_hash: "m", connected_at: 0 },
    });
    expect(removed.closed).toMatchObject({ code: 4005 });
  });

  test("agents that were online are expected for one window: a request waits for them, and they are known", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    await on.clock.advance(1_000);
    agent("a").socket = undefined;
    on.restart();
    const asked = on.ask();
    await on.clock.advance(WINDOW - 1);
    expect(asked.ended).toBeUndefined();
    agent("a").dial(on.brain, on.now);
    await turn();
    agent("a").last.answer();
    await turn();
    expect(asked.ended).toEqual({ kind: "answered" });
  });

  test("one that does not come back is expected after this restart, not after every later one", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    await on.clock.advance(1_000);
    agent("a").socket = undefined;
    on.restart();
    const asked = on.ask();
    await on.clock.advance(WINDOW);
    expect(asked.ended).toMatchObject({ code: "no_agents" });
    await on.clock.drain();
    on.restart();
    expect((await on.brain.tags({ kind: "admin" })).ok).toBe(true);
    expect(await view(on)).toMatchObject({ not_routable_reason: "offline" });
  });
});

test("TN6: garbage in any form closes its own socket with 4000 and touches nobody else's", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
  const asked = on.ask({ agent: "b" });
  await turn();
  const bad: Uint8Array[] = [
    new Uint8Array(0),
    Uint8Array.of(99, 0, 0, 0, 1, 0, 0, 0),
    Uint8Array.of(18, 0, 0, 0, 1, 255, 255, 255),
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 123),
    new Uint8Array(LIMITS.message_bytes + 1),
  ];
  for (const message of bad) {
    const socket = agent("a").dial(on.brain, on.now);
    await turn();
    socket.say(message);
    await turn();
    expect(socket.closed).toMatchObject({ code: 4000 });
  }
  agent("b").last.answer();
  await turn();
  expect(asked.ended).toEqual({ kind: "answered" });
});
