import { describe, expect, test } from "vitest";
import type { ModelView, PlacementPut, PlacementView } from "../../../shared/api/models.ts";
import type { AgentState, Model } from "../../../shared/protocol/messages.ts";
import { Bench, storedAgent } from "../testing/bench.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { turn } from "../testing/turn.ts";
import { GRACE_MS } from "./standing.ts";

const GIB = 1024 ** 3;
const M: Model = { name: "m:latest", size: 4 * GIB, digest: "sha256:m" };

/** Machines that may be administered; `has`: the model m. */
async function fleet(machines: Record<string, { has?: boolean; state?: AgentState }>) {
  const made = await Bench.fleet(
    Object.fromEntries(
      Object.entries(machines).map(([name, { has = false, state }]) => [
        name,
        { state: { models: has ? [M] : [], ...state } },
      ]),
    ),
  );
  return { on: made.bench, ...made };
}

async function put(on: Bench, wanted: PlacementPut, model = "m"): Promise<void> {
  const result = await on.brain.putPlacement(model, wanted);
  expect(result).toMatchObject({ ok: true });
  await turn();
}

async function modelOf(on: Bench, name: string): Promise<ModelView> {
  const { items } = await on.brain.listModels({ after: undefined, limit: 100 });
  const found = items.find((model) => model.name.startsWith(name));
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}

async function stateOf(on: Bench, name = "m"): Promise<PlacementView["state"]> {
  const { placement } = await modelOf(on, name);
  if (placement === null) throw new Error(`no placement of ${name}`);
  return placement.state;
}

/** Time passes, and machines that are online say so. */
async function pass(on: Bench, agents: Record<string, FakeAgent>, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10_000) {
    for (const agent of Object.values(agents)) agent.socket?.ping();
    await on.clock.advance(Math.min(left, 10_000));
  }
  for (const agent of Object.values(agents)) agent.socket?.ping();
}

/** The machine's Ollama has pulled the model, and the agent says so before the answer ends. */
async function pulled(agent: FakeAgent, model: Model = M): Promise<void> {
  const request = agent.open[0];
  if (request === undefined) throw new Error(`${agent.name} pulls nothing`);
  request.respond().write('{"status":"success"}\n');
  agent.tell({ models: [...(agent.state.models ?? []), model] });
  request.finish();
  await turn();
}

const pullsOf = (agent: FakeAgent): string[] =>
  agent.requests.map(({ head, body }) => `${head.path} ${body}`);
const pulling = (agents: Record<string, FakeAgent>): string[] =>
  Object.keys(agents).filter((name) => (agents[name]?.open.length ?? 0) > 0);

/** @param before happens while the last of them runs */
async function failEightTimes(
  on: Bench,
  agents: Record<string, FakeAgent>,
  agent: FakeAgent,
  before = (): void => {},
): Promise<void> {
  for (let times = 1; times <= 8; times++) {
    if (times === 8) before();
    agent.last.answer('{"error":"no space left"}', 500);
    await turn();
    await pass(on, agents, 3_600_000);
  }
}

/** Nothing runs and nothing is waited for. */
async function atRest(on: Bench): Promise<void> {
  // What is written down a moment later, and the sweeper's last round.
  await on.clock.drain(10_000);
  expect(on.brain.load()).toMatchObject({ running: 0, streams: 0 });
}

async function kinds(on: Bench): Promise<string[]> {
  await on.brain.settle();
  return on.history.kinds().filter((kind) => kind.startsWith("placement"));
}

test("a model is pulled where it lacks until it is on as many machines as wished, and then all is quiet", async () => {
  const { on, agents, agent } = await fleet({ a: { has: true }, b: {}, c: {} });
  await put(on, { replicas: 2 });
  expect(pulling(agents)).toEqual(["b"]);
  expect(pullsOf(agent("b"))).toEqual(['/api/pull {"model":"m","stream":true}']);
  agent("b").last.respond().write('{"status":"pulling x","digest":"x","total":9,"completed":3}\n');
  await turn();
  expect(await stateOf(on)).toEqual({
    have: 1,
    pulling: [
      {
        agent_id: "b",
        agent_name: "b",
        since: new Date(on.clock.now()).toISOString(),
        status: "pulling x",
        completed: 3,
        total: 9,
      },
    ],
    missing: 0,
    problem: null,
  });
  agent("b").tell({ models: [M] });
  agent("b").last.write('{"status":"success"}\n').finish();
  await turn();
  expect(await stateOf(on)).toEqual({ have: 2, pulling: [], missing: 0, problem: null });
  expect(await kinds(on)).toEqual(["placement_changed", "placement_pull_started", "placement_pull_done"]);
  await atRest(on);
});

test("a name is asked for as the operator wrote it, and is one placement however it is written", async () => {
  const { on, agent } = await fleet({ a: {} });
  await put(on, { replicas: 1 }, "hf.co/X/Y:Q4");
  expect(pullsOf(agent("a"))).toEqual(['/api/pull {"model":"hf.co/X/Y:Q4","stream":true}']);
  await put(on, { replicas: 1 }, "hf.co/x/y:q4");
  expect([...on.store.placements.keys()]).toEqual(["hf.co/x/y:q4"]);
  expect(agent("a").requests).toHaveLength(1);
  expect(await on.brain.deletePlacement("HF.co/X/Y:q4")).toEqual({ ok: true, value: null });
  expect(on.store.placements.size).toBe(0);
});

describe("a machine is chosen", () => {
  test("where there is most free disk, then where there are fewest models", async () => {
    const disk = (gib: number, models: Model[] = []): { state: AgentState } => ({
      state: { disk_free_mb: gib * 1024, models },
    });
    const { on, agents, agent } = await fleet({
      holder: { has: true },
      small: disk(20),
      unknown: {},
      crowded: disk(50, [{ name: "x" }]),
      large: disk(50),
    });
    await put(on, { replicas: 2 });
    expect(pulling(agents)).toEqual(["large"]);
    await pulled(agent("large"));
    await put(on, { replicas: 3 });
    expect(pulling(agents)).toEqual(["crowded"]);
    await pulled(agent("crowded"));
    await put(on, { replicas: 4 });
    expect(pulling(agents)).toEqual(["small"]);
  });

  test.each<[string, AgentState, boolean]>([
    ["that says nothing of itself", {}, true],
    ["with the model's size, a tenth and 2 GiB of free disk", { disk_free_mb: 6.5 * 1024 }, true],
    ["with less", { disk_free_mb: 6.3 * 1024 }, false],
    ["with memory for it", { memory_total_mb: 4 * 1024 }, true],
    ["with less memory", { memory_total_mb: 4 * 1024 - 1 }, false],
    [
      "with less memory, and GPUs that hold it together",
      {
        memory_total_mb: 1_024,
        gpus: [
          { name: "g", memory_total_mb: 2_048 },
          { name: "g", memory_total_mb: 2_048 },
        ],
      },
      true,
    ],
  ])("%s: %j, or not: %s", async (_, state, chosen) => {
    const { on, agents } = await fleet({ a: { has: true }, b: { state } });
    await put(on, { replicas: 2 });
    expect(pulling(agents)).toEqual(chosen ? ["b"] : []);
    expect((await stateOf(on)).problem).toBe(chosen ? null : "1 of 2: no other machine has room");
  });

  test("with 10 GiB of free disk where nobody knows how large the model is", async () => {
    const { on, agents } = await fleet({
      a: { state: { disk_free_mb: 10 * 1024 - 1 } },
      b: { state: { disk_free_mb: 10 * 1024 } },
    });
    await put(on, { replicas: 2 });
    expect(pulling(agents)).toEqual(["b"]);
  });

  test("as soon as it has made room", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: { state: { disk_free_mb: 1 } } });
    await put(on, { replicas: 2 });
    expect(pulling(agents)).toEqual([]);
    agent("b").tell({ disk_free_mb: 100_000 });
    await turn();
    expect(pulling(agents)).toEqual(["b"]);
  });

  test("that is named, or has one of the tags", async () => {
    const { on, agents } = await fleet({ a: {}, b: {}, c: {}, d: {} });
    await on.brain.patchAgent("c", { tags: ["gpu", "attic"] });
    await put(on, { replicas: 4, agents: ["B"] });
    expect(pulling(agents)).toEqual(["b"]);
    await put(on, { replicas: 4, tags: ["gpu"] });
    expect(pulling(agents)).toEqual(["c"]);
    await on.brain.patchAgent("d", { tags: ["gpu"] });
    await turn();
    expect(pulling(agents)).toEqual(["c", "d"]);
    expect((await stateOf(on)).problem).toBe("2 of 4: no other machine is allowed");
  });
});

test.each<[string, (on: Bench, b: FakeAgent) => unknown]>([
  ["1 of 2: no other machine is online", (_, b) => b.lose()],
  ["1 of 2: no other machine takes work", (on) => on.brain.drainAgent("b", true)],
  ["1 of 2: no other machine takes work", (_, b) => b.tell({ ollama: "absent" })],
  ["1 of 2: there is no other machine", (on) => on.brain.deleteAgent("b")],
  ["1 of 2: no machine may be administered", (on, b) => b.dial(on.brain, on.now, { allow_manage: false })],
])("where nothing can be done, it is said: %s", async (problem, happens) => {
  const { on, agent } = await fleet({ a: { has: true }, b: {} });
  await happens(on, agent("b"));
  await turn();
  await put(on, { replicas: 2 });
  expect(await stateOf(on)).toEqual({ have: 1, pulling: [], missing: 1, problem });
  expect(agent("b").requests).toEqual([]);
  expect((await kinds(on)).filter((kind) => kind !== "placement_changed")).toEqual([]);
});

describe("a machine that is away", () => {
  test("counts for ten minutes, and then another one pulls", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 1 });
    agent("a").lose();
    await pass(on, agents, GRACE_MS - 30_000);
    expect(pulling(agents)).toEqual([]);
    expect((await stateOf(on)).have).toBe(1);
    await pass(on, agents, 30_000);
    expect(pulling(agents)).toEqual(["b"]);
    expect((await stateOf(on)).have).toBe(0);
  });

  test("and is back in time moves nothing, and leaves no timer", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 1 });
    agent("a").lose();
    await pass(on, agents, 300_000);
    agent("a").dial(on.brain, on.now);
    await turn();
    await atRest(on);
    expect(agent("b").requests).toEqual([]);
  });

  test("and is back while its substitute pulls: that pull ends", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 1 });
    agent("a").lose();
    await pass(on, agents, GRACE_MS);
    expect(agent("b").open).toHaveLength(1);
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(agent("b").last.failure).toBe("cancelled");
    expect(await kinds(on)).toContain("placement_pull_cancelled");
    await atRest(on);
  });

  test("counts as away from when the coordinator started, not from when it was last written down", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 1 });
    await pass(on, agents, 86_400_000);
    on.restart();
    agent("b").lose();
    agent("b").dial(on.brain, on.now);
    await pass(on, agents, GRACE_MS - 30_000);
    expect(pulling(agents)).toEqual([]);
    await pass(on, agents, 31_000);
    expect(pulling(agents)).toEqual(["b"]);
  });

  test("while it pulls goes on when it is back soon, and else the next one begins", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {} });
    await put(on, { replicas: 1 });
    agent("a").lose();
    await pass(on, agents, 1_000);
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(pulling(agents)).toEqual(["a"]);
    agent("a").lose();
    await pass(on, agents, 20_000);
    expect(agent("b").open).toHaveLength(1);
  });

  test("and silent while it pulls is noticed, though nobody asks for anything", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {} });
    await put(on, { replicas: 1 });
    const { b } = agents;
    await pass(on, b === undefined ? {} : { b }, 60_000);
    expect(agent("b").open).toHaveLength(1);
  });
});

test("a machine that is drained keeps counting", async () => {
  const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
  await put(on, { replicas: 1 });
  await on.brain.drainAgent("a", true);
  await pass(on, agents, 3_600_000);
  expect(agent("b").requests).toEqual([]);
});

describe("not too much at once", () => {
  test("two machines pull the same model, the others wait for them", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {}, c: {}, d: {} });
    await put(on, { replicas: 4 });
    expect(pulling(agents)).toEqual(["a", "b"]);
    expect(await stateOf(on)).toMatchObject({ missing: 2, problem: null });
    await pulled(agent("a"));
    expect(pulling(agents)).toEqual(["b", "c"]);
    await pulled(agent("b"));
    await pulled(agent("c"));
    await pulled(agent("d"));
    expect(await stateOf(on)).toMatchObject({ have: 4, missing: 0 });
    await atRest(on);
  });

  test("a machine pulls one model after the other", async () => {
    const { on, agent } = await fleet({ a: {} });
    await put(on, { replicas: 1 }, "m");
    await put(on, { replicas: 1 }, "n");
    expect(agent("a").open).toHaveLength(1);
    expect(await stateOf(on, "n")).toMatchObject({ missing: 1, problem: null });
    await pulled(agent("a"));
    expect(agent("a").last.body).toContain('"n"');
    await pulled(agent("a"), { name: "n:latest" });
    await atRest(on);
  });
});

describe("a pull that fails", () => {
  test.each<[string, (agent: FakeAgent) => unknown, string]>([
    [
      "with a line",
      ({ last }) => last.respond().write('{"error":"no space left"}\n').finish(),
      "no space left",
    ],
    ["with a status", ({ last }) => last.answer('{"error":"try later"}', 500), "try later"],
    [
      "in mid-stream",
      ({ last }) => last.respond().write('{"status":"x"}\n').cut("ollama_cut"),
      "ended its answer early",
    ],
    ["before it began", ({ last }) => last.reset("ollama_unreachable"), "cannot be reached"],
    ["without a word", ({ last }) => last.respond().finish(), "without success"],
    [
      "and says that it worked",
      ({ last }) => last.respond().write('{"status":"success"}').finish(),
      "does not list it",
    ],
  ])(
    "%s is tried again after 1, 2, 4 … minutes, an hour at most, and eight times in all",
    async (_, fails, words) => {
      const { on, agents, agent } = await fleet({ a: {} });
      await put(on, { replicas: 1 });
      for (const minutes of [1, 2, 4, 8, 16, 32, 60]) {
        fails(agent("a"));
        await turn();
        expect((await stateOf(on)).problem).toContain(words);
        const before = agent("a").requests.length;
        await pass(on, agents, minutes * 60_000 - 1);
        expect(agent("a").requests).toHaveLength(before);
        await on.clock.advance(1);
        expect(agent("a").requests).toHaveLength(before + 1);
      }
      fails(agent("a"));
      await atRest(on);
      // It has come back: worth another try.
      agent("a").lose();
      agent("a").dial(on.brain, on.now);
      await pass(on, agents, 20_000);
      await pulled(agent("a"));
      expect(await kinds(on)).toEqual(
        expect.arrayContaining(["placement_pull_failed", "placement_pull_done"]),
      );
      await atRest(on);
    },
  );

  test.each<[string, (on: Bench, a: FakeAgent) => unknown, boolean]>([
    ["its machine reports another free disk", (_, a) => a.tell({ disk_free_mb: 900_000 }), false],
    ["a download that fails has changed its disk", (_, a) => a.tell({ disk_free_mb: 80_000 }), false],
    ["it lists another model", (_, a) => a.tell({ models: [{ name: "other" }] }), false],
    [
      "room that was lacking is there",
      async (_, a) => {
        a.tell({ disk_free_mb: 100 });
        await turn();
        a.tell({ disk_free_mb: 20_000 });
      },
      true,
    ],
    [
      "its machine is online anew",
      async (on, a) => {
        a.lose();
        await turn();
        a.dial(on.brain, on.now);
      },
      true,
    ],
    [
      "another program of its machine takes over",
      (on, a) => {
        a.instance = "a later instance";
        a.dial(on.brain, on.now);
      },
      true,
    ],
  ])("eight times is tried again, or not, when %s", async (_, happens, again) => {
    const { on, agents, agent } = await fleet({ a: { state: { disk_free_mb: 100_000 } } });
    await put(on, { replicas: 1 });
    await failEightTimes(on, agents, agent("a"));
    expect(agent("a").requests).toHaveLength(8);
    await happens(on, agent("a"));
    await turn();
    expect(agent("a").requests).toHaveLength(again ? 9 : 8);
  });

  test("eight times, at last with a full disk, is tried again once there is room", async () => {
    const { on, agents, agent } = await fleet({ a: { state: { disk_free_mb: 100_000 } } });
    await put(on, { replicas: 1 });
    await failEightTimes(on, agents, agent("a"), () => agent("a").tell({ disk_free_mb: 100 }));
    agent("a").tell({ disk_free_mb: 200 });
    await turn();
    expect(agent("a").requests).toHaveLength(8);
    agent("a").tell({ disk_free_mb: 100_000 });
    await turn();
    expect(agent("a").requests).toHaveLength(9);
  });

  test("and never says so is given up when it has said nothing for the idle timeout, and others follow", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {} });
    await on.brain.putSettings({ idle_timeout_s: 100 });
    await put(on, { replicas: 1 });
    const line = '{"status":"pulling x"}\n';
    agent("a").last.respond().write(line);
    await pass(on, agents, 99_000);
    agent("a").last.write(line);
    await pass(on, agents, 99_000);
    // Bytes that never come to a line say nothing.
    agent("a").last.write(" ");
    expect(pulling(agents)).toEqual(["a"]);
    await pass(on, agents, 1_000);
    await turn();
    expect(agent("a").last.failure).toBe("cancelled");
    expect(pulling(agents)).toEqual(["b"]);
    expect(await kinds(on)).toContain("placement_pull_failed");
    await put(on, { replicas: 1, agents: ["a"] });
    await pass(on, agents, 100_000);
    expect((await stateOf(on)).problem).toContain("said nothing for 100 s");
  });

  test("leaves its turn to the next machine at once", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {} });
    await put(on, { replicas: 1 });
    agent("a").last.answer('{"error":"no space left"}', 500);
    await turn();
    expect(pulling(agents)).toEqual(["b"]);
  });

  test("is tried at once when it is wished anew", async () => {
    const { on, agents, agent } = await fleet({ a: {} });
    await put(on, { replicas: 1 });
    agent("a").last.answer('{"error":"no space left"}', 500);
    await turn();
    expect(pulling(agents)).toEqual([]);
    await put(on, { replicas: 1 });
    expect(pulling(agents)).toEqual(["a"]);
  });
});

describe("a wish", () => {
  test.each<[string, (on: Bench) => Promise<unknown>]>([
    ["taken back with 0 replicas", (on) => on.brain.putPlacement("M:latest", { replicas: 0 })],
    ["deleted", (on) => on.brain.deletePlacement("m")],
  ])("%s stops its pulls and deletes nothing", async (_, takeBack) => {
    const { on, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 2 });
    expect(await takeBack(on)).toMatchObject({ ok: true });
    await turn();
    expect(agent("b").last.failure).toBe("cancelled");
    expect((await modelOf(on, "m")).placement).toBeNull();
    expect(agent("a").requests).toEqual([]);
    expect(on.store.placements.size).toBe(0);
    await atRest(on);
  });

  test("for fewer ends the surplus pulls only, and no model goes", async () => {
    const { on, agents, agent } = await fleet({ a: {}, b: {}, c: { has: true } });
    await put(on, { replicas: 3 });
    expect(pulling(agents)).toEqual(["a", "b"]);
    await put(on, { replicas: 2 });
    expect(pulling(agents)).toEqual(["a"]);
    await pulled(agent("a"));
    await put(on, { replicas: 1 });
    await atRest(on);
    expect(agent("c").requests).toEqual([]);
  });

  test("outlives a restart", async () => {
    const { on, agents, agent } = await fleet({ a: { has: true }, b: {} });
    await put(on, { replicas: 2, agents: ["a", "b"], tags: null });
    await on.clock.advance(1_000);
    for (const each of ["a", "b"]) agent(each).restart("a later instance");
    on.restart();
    for (const each of ["a", "b"]) agent(each).dial(on.brain, on.now);
    await turn();
    expect(pulling(agents)).toEqual(["b"]);
    expect((await modelOf(on, "m")).placement).toMatchObject({ replicas: 2, agents: ["a", "b"], tags: null });
  });

  test("that names a machine that is not there, or a cloud model, is refused by field and changes nothing", async () => {
    const { on } = await fleet({ a: {} });
    expect(await on.brain.putPlacement("m", { replicas: 1, agents: ["a", "nobody"] })).toMatchObject({
      ok: false,
      error: { status: 400, fields: { agents: "there is no agent 'nobody'" } },
    });
    expect(await on.brain.putPlacement("gpt-oss:120b-cloud", { replicas: 1 })).toMatchObject({
      ok: false,
      error: { status: 400, fields: { name: expect.any(String) } },
    });
    expect(await on.brain.deletePlacement("m")).toMatchObject({ ok: false, error: { status: 404 } });
    expect(on.store.placements.size).toBe(0);
  });
});

test("a fleet without placements sets no timer of theirs", async () => {
  const { on, agent } = await fleet({ a: { has: true } });
  agent("a").lose();
  await on.clock.advance(20_000);
  expect(on.clock.timers).toBe(0);
});

test("a machine that was never there is in nobody's way", async () => {
  const on = new Bench({ agents: [storedAgent("a")] });
  await put(on, { replicas: 1 });
  expect(await stateOf(on)).toMatchObject({ problem: "0 of 1: no other machine is online" });
  await atRest(on);
});
