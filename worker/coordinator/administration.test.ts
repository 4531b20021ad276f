import { beforeEach, describe, expect, test } from "vitest";
import type { RegisterRequest } from "../../shared/api/register.ts";
import { isToken } from "../../shared/lib/token.ts";
import { Bench, fakeDeps, models, storedAgent, uuid } from "./testing/bench.ts";
import { turn } from "./testing/turn.ts";

const { sha256 } = fakeDeps();

let on: Bench;

beforeEach(() => {
  on = new Bench();
});

const body = (over: Partial<RegisterRequest> = {}): RegisterRequest => ({
  machine_name: "desk",
  ip_address: "10.0.0.1",
  ollama_version: "0.20.0",
  ollama_port: 11434,
  ...over,
});

async function joinHash(max_uses = 1): Promise<string> {
  const created = await on.brain.createJoinToken({ name: "j", expires_in_s: 60, max_uses });
  if (!created.ok) throw new Error("no token");
  return sha256(created.value.token);
}

async function register(hash: string, over: Partial<RegisterRequest> = {}) {
  const result = await on.brain.register(hash, body(over));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe("registration", () => {
  test("makes an agent with a token of its own, shown once and found by its hash", async () => {
    const { agent_id, agent_token = "", status } = await register(await joinHash());
    expect([status, isToken("agent", agent_token)]).toEqual(["registered", true]);
    expect(await on.brain.findAgentByToken(await sha256(agent_token))).toEqual({ agent_id });
    expect(await on.brain.findAgentByToken("unknown")).toBeUndefined();
    expect(JSON.stringify([...on.store.agents.values(), await on.brain.listAgents()])).not.toContain(
      agent_token,
    );
    expect(await on.brain.getAgent(agent_id)).toMatchObject({
      name: "desk",
      status: "offline",
      routable: false,
    });
  });

  test("gives a taken name its number, also when many register at once, and never more than the token's uses", async () => {
    const hash = await joinHash(3);
    const results = await Promise.all(Array.from({ length: 5 }, () => on.brain.register(hash, body())));
    expect(results.filter(({ ok }) => ok)).toHaveLength(3);
    expect(results.flatMap((result) => (result.ok ? [] : [result.error.status]))).toEqual([401, 401]);
    expect((await on.brain.listAgents()).map(({ name }) => name)).toEqual(["desk", "desk-2", "desk-3"]);
    expect(await on.brain.listJoinTokens()).toMatchObject([{ uses: 3 }]);
  });

  test("refused is an event where the token was once given out, and none where it is made up", async () => {
    const hash = await joinHash();
    await register(hash);
    for (const tried of [hash, "made up", await sha256("made up")]) {
      expect(await on.brain.register(tried, body())).toMatchObject({ ok: false, error: { status: 401 } });
    }
    await on.brain.settle();
    expect(on.history.kinds().filter((kind) => kind === "registration_refused")).toHaveLength(1);
  });

  test("that cannot be stored makes no agent and uses up no token", async () => {
    const hash = await joinHash();
    on.store.refuses = true;
    await expect(on.brain.register(hash, body())).rejects.toThrow(/full/);
    on.store.refuses = false;
    expect(await on.brain.listAgents()).toEqual([]);
    expect((await register(hash)).status).toBe("registered");
  });

  test("again with the agent's own token updates what it says and keeps who it is", async () => {
    const { agent_id } = await register(await joinHash(), { os: "linux" });
    await on.brain.patchAgent(agent_id, { name: "mine", note: "n" });
    expect(
      await on.brain.updateRegistration(agent_id, body({ machine_name: "tower", ollama_version: "" })),
    ).toEqual({
      ok: true,
      value: { agent_id, status: "updated" },
    });
    expect(await on.brain.getAgent(agent_id)).toMatchObject({
      name: "mine",
      note: "n",
      machine_name: "tower",
      os: "linux",
      ollama_version: "0.20.0",
    });
    expect(await on.brain.updateRegistration(uuid(1), body())).toMatchObject({ error: { status: 404 } });
  });

  test("a removed agent's token opens nothing, and its name is free", async () => {
    const { agent_id, agent_token = "" } = await register(await joinHash());
    const hash = await sha256(agent_token);
    await on.brain.findAgentByToken(hash);
    expect(await on.brain.deleteAgent(agent_id)).toEqual({ ok: true, value: null });
    expect(await on.brain.findAgentByToken(hash)).toBeUndefined();
    expect(on.store.agents.size).toBe(0);
    await register(await joinHash());
    expect((await on.brain.listAgents()).map(({ name }) => name)).toEqual(["desk"]);
    expect(await on.brain.deleteAgent(agent_id)).toMatchObject({ error: { status: 404 } });
  });
});

describe("what an operator changes", () => {
  test("a name that another agent has is refused, one's own in other letters is not", async () => {
    on = new Bench({ agents: [storedAgent("a"), storedAgent("b")] });
    expect(await on.brain.patchAgent("b", { name: "A", note: "x" })).toMatchObject({
      error: { status: 409, fields: { name: "another agent is called 'a'" } },
    });
    expect(await on.brain.getAgent("b")).toMatchObject({ name: "b", note: "" });
    expect(await on.brain.patchAgent("b", { name: "B" })).toMatchObject({ value: { name: "B" } });
  });

  test("what cannot be stored does not hold", async () => {
    on = new Bench({ agents: [storedAgent("a")] });
    on.store.refuses = true;
    await expect(on.brain.drainAgent("a", true)).rejects.toThrow(/full/);
    expect(await on.brain.getAgent("a")).toMatchObject({ draining: false });
  });

  test("requests at once: the operator's word, else the owner's, else Ollama's, else one", async () => {
    const { bench, agent } = await Bench.fleet({ a: {} });
    const slots = async () => (await bench.brain.getAgent("a"))?.max_concurrency;
    expect(await slots()).toBe(1);
    agent("a").tell({ ollama_parallel: 4 });
    expect(await slots()).toBe(4);
    agent("a").dial(bench.brain, bench.now, { max_concurrency: 2 });
    await turn();
    expect(await slots()).toBe(2);
    await bench.brain.patchAgent("a", { max_concurrency: 7 });
    expect(await slots()).toBe(7);
    await bench.brain.patchAgent("a", { max_concurrency: null });
    expect(await slots()).toBe(2);
  });

  test("a drained agent ends what it does, gets nothing new, survives a restart so, and resumes", async () => {
    const { bench, agent } = await Bench.fleet({ a: {}, b: {} });
    const running = bench.ask({ agent: "a" });
    await turn();
    await bench.brain.drainAgent("a", true);
    expect(await bench.brain.getAgent("a")).toMatchObject({
      draining: true,
      not_routable_reason: "draining",
    });
    const others = [bench.ask(), bench.ask()];
    await turn();
    expect([agent("a").requests.length, agent("b").requests.length]).toEqual([1, 1]);
    agent("a").last.answer();
    await turn();
    expect(running.ended).toEqual({ kind: "answered" });
    expect(agent("a").requests.length).toBe(1);
    expect(new Bench({ store: bench.store }).store.agents.get("a")).toMatchObject({ draining: true });
    await bench.brain.drainAgent("a", false);
    await turn();
    expect(agent("a").requests.length).toBe(2);
    for (const each of [agent("a"), agent("b")]) each.last.answer();
    await turn();
    expect(others.map(({ ended }) => ended?.kind)).toEqual(["answered", "answered"]);
  });

  test("everything of it is in the events, without a secret", async () => {
    const { agent_id, agent_token = "x" } = await register(await joinHash());
    await on.brain.patchAgent(agent_id, { note: "n" });
    await on.brain.drainAgent(agent_id, true);
    await on.brain.drainAgent(agent_id, false);
    const key = await on.brain.createKey({ name: "k", permissions: ["infer"], path: false });
    if (!key.ok) throw new Error("no key");
    await on.brain.patchKey(key.value.id, { name: "kk" });
    await on.brain.deleteKey(key.value.id);
    await on.brain.putSettings({ retention_days: 3 });
    await on.brain.deleteAgent(agent_id);
    await on.brain.settle();
    expect(on.history.kinds()).toEqual([
      "join_token_created",
      "agent_registered",
      "agent_changed",
      "agent_drained",
      "agent_resumed",
      "key_created",
      "key_changed",
      "key_revoked",
      "settings_changed",
      "agent_removed",
    ]);
    const written = JSON.stringify(on.history.events);
    for (const secret of [agent_token, key.value.key, await sha256(key.value.key)])
      expect(written).not.toContain(secret);
  });
});

describe("the heartbeat by HTTP", () => {
  const beat = { cpu_usage: 10, memory_usage: 20, active_requests: 0, ollama_version: "0.21.0" };

  test("makes an agent online for 60 s, but not routable without a tunnel", async () => {
    const id = uuid(5);
    on = new Bench({ agents: [storedAgent(id)] });
    expect(await on.brain.health(id, { agent_id: id, ...beat })).toEqual({ ok: true, value: null });
    expect(await on.brain.getAgent(id)).toMatchObject({
      status: "online",
      routable: false,
      not_routable_reason: "no_tunnel",
      cpu_usage: 10,
      ollama_version: "0.21.0",
      last_seen: new Date(on.clock.now()).toISOString(),
    });
    await on.clock.advance(60_000);
    expect(await on.brain.getAgent(id)).toMatchObject({ status: "offline", not_routable_reason: "offline" });
  });

  test("speaks for no other agent", async () => {
    on = new Bench({ agents: [storedAgent("a")] });
    expect(await on.brain.health("a", { agent_id: uuid(6), ...beat })).toMatchObject({
      error: { status: 403 },
    });
    expect(await on.brain.health("gone", { agent_id: "gone", ...beat })).toMatchObject({
      error: { status: 404 },
    });
  });
});

describe("merged lists", () => {
  test("have what agents that are there have, as far as the key may see it", async () => {
    const { bench, agent } = await Bench.fleet({ a: { models: ["llama3:8b"] }, b: { models: ["qwen3:8b"] } });
    const key = await bench.brain.createKey({
      name: "k",
      permissions: ["infer"],
      path: false,
      models: ["qwen*"],
    });
    if (!key.ok) throw new Error("no key");
    const seen = async (by: Parameters<typeof bench.brain.tags>[0]) => {
      const result = await bench.brain.tags(by);
      return result.ok ? result.value.map(({ name }) => name).sort() : result.error.code;
    };
    const limited = { kind: "key", key_id: key.value.id, by_path: false } as const;
    expect(await seen({ kind: "admin" })).toEqual(["llama3:8b", "qwen3:8b"]);
    expect(await seen(limited)).toEqual(["qwen3:8b"]);
    agent("b").lose();
    expect(await seen(limited)).toEqual(["qwen3:8b"]);
    await bench.clock.advance(15_000);
    expect(await seen({ kind: "admin" })).toEqual(["llama3:8b"]);
    await bench.brain.deleteKey(key.value.id);
    expect(await seen(limited)).toBe("unauthorized");
  });

  test("follow what agents say", async () => {
    const { bench, agent } = await Bench.fleet({ a: {} });
    agent("a").tell({ models: models("x", "y"), loaded: [{ name: "x" }] });
    expect(await bench.brain.tags({ kind: "admin" })).toMatchObject({
      value: [{ name: "x" }, { name: "y" }],
    });
    expect(await bench.brain.ps({ kind: "admin" })).toMatchObject({ value: [{ name: "x" }] });
  });
});

test("an Ollama that hangs or is gone takes its machine out of the rotation, and its return back in", async () => {
  const { bench, agent } = await Bench.fleet({ a: {} });
  for (const [ollama, reason] of [
    ["hung", "ollama_hung"],
    ["absent", "ollama_absent"],
  ] as const) {
    agent("a").tell({ ollama, ollama_error: "no answer" });
    expect(await bench.brain.getAgent("a")).toMatchObject({ routable: false, not_routable_reason: reason });
  }
  agent("a").tell({ ollama: "ok" });
  expect(await bench.brain.getAgent("a")).toMatchObject({ routable: true, not_routable_reason: null });
});
