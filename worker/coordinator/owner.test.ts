import { describe, expect, test } from "vitest";
import type { Model } from "../../shared/protocol/messages.ts";
import { Bench, storedKey } from "./testing/bench.ts";
import { turn } from "./testing/turn.ts";

const view = async (on: Bench, id = "a") => (await on.brain.getAgent(id)) ?? expect.fail(`no agent ${id}`);

async function events(on: Bench): Promise<unknown[]> {
  await on.clock.drain();
  return on.history.events
    .filter(({ kind }) => /^agent_(yields|shares|owner_rules)$/.test(kind))
    .map(({ kind, detail }) => [kind, JSON.parse(detail)]);
}

describe("a machine that its owner needs", () => {
  test("ends what runs, gets nothing new while another has the model, and is back when it shares again", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: { models: [] } });
    const running = on.ask();
    await turn();
    agent("a").tell({ yielding: { reason: "gpu_busy", detail: "game.exe" } });
    agent("b").tell({ models: [{ name: "m" }] });
    const elsewhere = on.ask();
    await turn();
    expect(agent("b").open).toHaveLength(1);
    agent("a").last.answer();
    agent("b").last.answer();
    await turn();
    expect([running.ended, elsewhere.ended]).toEqual([{ kind: "answered" }, { kind: "answered" }]);
    expect(agent("a").requests).toHaveLength(1);
    expect(await view(on)).toMatchObject({
      status: "online",
      routable: false,
      not_routable_reason: "gpu_busy",
      yielding: { reason: "gpu_busy", detail: "game.exe", until: null },
    });
    agent("a").tell({ yielding: null });
    agent("b").tell({ models: [] });
    on.ask();
    await turn();
    expect(agent("a").requests).toHaveLength(2);
    expect(await view(on)).toMatchObject({ routable: true, yielding: null });
  });

  test.each([
    ["paused", "paused"],
    ["on_battery", "on battery"],
    ["outside_schedule", "outside their hours"],
    ["gpu_busy", "the GPU is in use"],
    ["full_screen", "a full-screen program is in front"],
  ] as const)(
    "alone with a model and %s: who waits and who comes hear why, with 503",
    async (reason, why) => {
      const { bench: on, agent } = await Bench.fleet({ a: { slots: 1 } });
      on.ask();
      const waiting = on.ask();
      await turn();
      expect(waiting.ended).toBeUndefined();
      agent("a").tell({ yielding: { reason, detail: "my secret program" } });
      const late = on.ask();
      await turn();
      const said = {
        kind: "refused",
        code: "model_offline",
        message: `model 'm' is only on machines that their owners need now: ${why}`,
      };
      expect(waiting.ended).toMatchObject(said);
      expect(late.ended).toMatchObject(said);
    },
  );

  test("beside one that is not ready for another reason, the answer names no owner", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: {} });
    agent("a").tell({ yielding: { reason: "paused" } });
    agent("b").tell({ ollama: "absent" });
    const asked = on.ask();
    await turn();
    expect(asked.ended).toMatchObject({
      message: "model 'm' is only on machines that are offline or not ready",
    });
  });

  test("refuses what crosses with its word as one that stops, and the request goes elsewhere", async () => {
    const { bench: on, agent } = await Bench.fleet({
      a: { serve: (request) => request.reset("stopping") },
      b: { models: [] },
    });
    agent("b").tell({ models: [{ name: "m" }], ollama: "absent" });
    const asked = on.ask();
    await turn();
    expect(asked.ended).toMatchObject({ kind: "lost", code: "agent_lost", agentId: "a" });
    expect(await view(on)).toMatchObject({ breakers: [] });
    agent("b").tell({ ollama: "ok" });
    on.ask({ attempt: 2, avoid: ["a"] });
    await turn();
    expect(agent("b").open).toHaveLength(1);
  });

  test("yields still after the coordinator's restart, and is not waited for while it is away", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    agent("a").tell({ yielding: { reason: "paused", until: "2026-11-23T20:00:00Z" }, allow_cloud: true });
    await on.clock.drain();
    on.restart();
    expect(await view(on)).toMatchObject({
      not_routable_reason: "coming_back",
      yielding: { reason: "paused", detail: null, until: "2026-11-23T20:00:00Z" },
      allow_cloud: true,
    });
    const asked = on.ask();
    await turn();
    expect(asked.ended).toMatchObject({ code: "model_offline" });
    agent("a").lose();
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(await view(on)).toMatchObject({ not_routable_reason: "paused" });
  });

  test("shares again when its program comes back and says nothing of its owner", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {} });
    agent("a").say({ type: "state", stream: 0, json: { yielding: { reason: "paused" }, allow_cloud: true } });
    await turn();
    expect(await view(on)).toMatchObject({ routable: false });
    agent("a").restart("instance-2");
    await turn();
    agent("a").dial(on.brain, on.now);
    await turn();
    expect(await view(on)).toMatchObject({ routable: true, yielding: null, allow_cloud: false });
  });

  test("is left out of administration, named or not, and gets no model that is to be kept somewhere", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: {}, b: { models: [] } });
    agent("a").tell({ yielding: { reason: "paused" } });
    const manage = {
      class: "manage",
      endpoint: "/api/delete",
      path: "/api/delete",
      method: "DELETE",
    } as const;
    const named = on.ask({ ...manage, agent: "a" });
    const all = on.ask({ ...manage, agent: "*" });
    await turn();
    expect(named.ended).toMatchObject({
      code: "model_offline",
      message: "the owner of machine 'a' needs it now",
    });
    expect(agent("a").requests).toEqual([]);
    expect(agent("b").open).toHaveLength(1);
    agent("b").tell({ yielding: { reason: "paused" } });
    agent("b").last.answer();
    await all.outcome;
    const nobody = on.ask({ ...manage, agent: "*" });
    await turn();
    expect(nobody.ended).toMatchObject({
      code: "model_offline",
      message: "the machines' owners need them now",
    });
  });

  test("ends the pull that nobody waits for, and begins it anew when it shares again", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: { models: [] } });
    await on.brain.putPlacement("m", { replicas: 1 });
    await turn();
    expect(agent("a").open.map(({ head }) => head.path)).toEqual(["/api/pull"]);
    agent("a").tell({ yielding: { reason: "on_battery" } });
    await turn();
    expect(agent("a").open).toEqual([]);
    agent("a").tell({ yielding: null });
    await turn();
    expect(agent("a").open).toHaveLength(1);
  });
});

test("a pull that nobody waits for ends when the owner does not allow models to be changed any more", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: { models: [] } });
  await on.brain.putPlacement("m", { replicas: 1 });
  await turn();
  expect(agent("a").open).toHaveLength(1);
  agent("a").tell({ allow_manage: false });
  await turn();
  expect(agent("a").open).toEqual([]);
  agent("a").tell({ allow_manage: true });
  await turn();
  expect(agent("a").open).toHaveLength(1);
});

test("what an owner allows while he is connected holds at once, and survives a restart", async () => {
  const { bench: on, agent } = await Bench.fleet({
    a: { hello: { allow_manage: false, max_concurrency: 1 } },
  });
  expect(await view(on)).toMatchObject({ allow_manage: false, allow_cloud: false, max_concurrency: 1 });
  const first = on.ask();
  const second = on.ask();
  await turn();
  expect(agent("a").open).toHaveLength(1);
  agent("a").tell({ allow_manage: true, max_concurrency: 2 });
  await turn();
  expect(agent("a").open).toHaveLength(2);
  for (const request of agent("a").open) request.answer();
  await Promise.all([first.outcome, second.outcome]);
  await on.clock.drain();
  on.restart();
  expect(await view(on)).toMatchObject({ allow_manage: true, max_concurrency: 2 });
  agent("a").lose();
  agent("a").dial(on.brain, on.now, { allow_manage: false });
  await turn();
  agent("a").tell({ max_concurrency: null, ollama_parallel: 4 });
  expect(await view(on)).toMatchObject({ max_concurrency: 4 });
});

test("the history tells what owners decide: each new reason, its end, and what they allow; no detail", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: {} });
  agent("a").tell({ yielding: { reason: "gpu_busy", detail: "one.exe" } });
  agent("a").tell({ yielding: { reason: "gpu_busy", detail: "two.exe" } });
  agent("a").tell({ yielding: { reason: "paused", until: "2026-11-23T20:00:00Z" } });
  agent("a").tell({ yielding: null });
  agent("a").tell({ allow_cloud: true });
  agent("a").tell({ allow_cloud: true, cpu_usage: 3 });
  expect(await events(on)).toEqual([
    ["agent_yields", { reason: "gpu_busy", until: null }],
    ["agent_yields", { reason: "paused", until: "2026-11-23T20:00:00Z" }],
    ["agent_shares", {}],
    ["agent_owner_rules", { allow_manage: true, allow_cloud: true, max_concurrency: null }],
  ]);
});

describe("models of ollama.com", () => {
  const stub: Model = { name: "big:cloud", remote_host: "https://ollama.com:443", remote_model: "big" };
  const state = { models: [{ name: "m" }, stub, { name: "mine", remote_model: "big" }] };
  const names = async (on: Bench): Promise<string[]> => {
    const tags = await on.brain.tags({ kind: "admin" });
    return tags.ok ? tags.value.map(({ name }) => name).sort() : expect.fail("no list");
  };

  test("go only to machines whose owners allow them, are listed while there is one, and stop at once", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: { state }, b: { state } });
    const forbidden = on.ask({ model: "big:cloud" });
    await turn();
    expect(forbidden.ended).toMatchObject({ code: "forbidden" });
    expect(await names(on)).toEqual(["m"]);
    agent("b").tell({ allow_cloud: true });
    for (const model of ["big:cloud", "BIG:Cloud", "mine", "big:cloud"]) on.ask({ model });
    for (let left = 4; left > 0; left--) {
      await turn();
      agent("b").open[0]?.answer();
    }
    expect([agent("a").requests.length, agent("b").requests.length]).toEqual([0, 4]);
    expect(await names(on)).toEqual(["big:cloud", "m", "mine"]);
    expect((await on.brain.listModels({ after: undefined, limit: 9 })).items.map(({ name }) => name)).toEqual(
      ["big:cloud", "m", "mine"],
    );
    agent("b").tell({ allow_cloud: false });
    const late = on.ask({ model: "big:cloud" });
    await turn();
    expect(late.ended).toMatchObject({ code: "forbidden" });
    expect(await names(on)).toEqual(["m"]);
  });

  test("are refused to a key that may not use them, whatever owners allow", async () => {
    const { bench: on, agent } = await Bench.fleet(
      { a: { state: { ...state, allow_cloud: true } } },
      { keys: [storedKey("k", { models: ["m"] })] },
    );
    const asked = on.ask({ model: "big:cloud", caller: { kind: "key", key_id: "k", by_path: false } });
    await turn();
    expect(asked.ended).toMatchObject({ code: "forbidden" });
    expect(agent("a").requests).toEqual([]);
  });

  test("pinned to a machine whose owner does not allow them, there is none", async () => {
    const { bench: on } = await Bench.fleet({ a: { state }, b: { state: { ...state, allow_cloud: true } } });
    const asked = on.ask({ model: "big:cloud", agent: "a" });
    await turn();
    expect(asked.ended).toMatchObject({ code: "model_not_found" });
  });

  test("are pulled and deleted only where the owner allows both", async () => {
    const { bench: on, agent } = await Bench.fleet({ a: { models: [] }, b: { models: [] } });
    const pull = { class: "manage", endpoint: "/api/pull", path: "/api/pull", model: "big:cloud" } as const;
    const nowhere = on.ask(pull);
    await turn();
    expect(nowhere.ended).toMatchObject({ code: "forbidden" });
    agent("b").tell({ allow_cloud: true });
    on.ask(pull);
    const named = on.ask({ ...pull, agent: "a" });
    await turn();
    expect(agent("b").open).toHaveLength(1);
    expect(named.ended).toMatchObject({
      code: "forbidden",
      message: "the owner of machine 'a' does not allow models of ollama.com",
    });
  });
});
