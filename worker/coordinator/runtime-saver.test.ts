import { beforeEach, expect, test } from "vitest";
import { Agent } from "./agent.ts";
import { RuntimeSaver } from "./runtime-saver.ts";
import { fakeDeps, models, storedAgent } from "./testing/bench.ts";
import { connect } from "./testing/fleet.ts";

let deps: ReturnType<typeof fakeDeps>;
let saver: RuntimeSaver;
let also: number;
let agent: Agent;

beforeEach(() => {
  deps = fakeDeps();
  also = 0;
  saver = new RuntimeSaver(deps, () => also++);
  agent = new Agent(storedAgent("a"));
});

test("however often agents change, there is one write a second, with the last word", async () => {
  const other = new Agent(storedAgent("b"));
  for (let change = 1; change <= 100; change++) {
    agent.totalRequests = change;
    saver.mark(agent);
    saver.mark(other);
    await deps.clock.advance(50);
  }
  expect(deps.store.journal.length).toBeLessThanOrEqual(5);
  await deps.clock.advance(1_000);
  expect(deps.store.runtimes.get("a")).toMatchObject({ total_requests: 100 });
  expect([...deps.store.runtimes.keys()]).toEqual(["a", "b"]);
  expect(also).toBe(deps.store.journal.length);
  const writes = deps.store.journal.length;
  await deps.clock.advance(60_000);
  expect([deps.store.journal.length, deps.clock.timers]).toEqual([writes, 0]);
});

test("what is saved comes back: counters, place in the rotation, state and facts", () => {
  connect(agent);
  agent.turn = 7;
  agent.totalRequests = 9;
  agent.failedRequests = 2;
  agent.update({ models: models("m"), ollama: "ok", ollama_version: "0.20.0", cpu_usage: 5 });
  agent.facts = { allow_manage: true, max_concurrency: 3, machine_hash: "machine" };
  saver.mark(agent);
  saver.save();
  const row = deps.store.runtimes.get("a");
  if (row === undefined) throw new Error("not saved");

  const back = new Agent(storedAgent("a"));
  saver.restore(back, row, 5_000);
  expect(back).toMatchObject({
    turn: 7,
    totalRequests: 9,
    failedRequests: 2,
    facts: agent.facts,
    lostAt: 5_000,
  });
  expect(back.state).toEqual(agent.state);
  expect(back.model("m:latest")).toEqual({ name: "m" });
  expect(back.slots()).toBe(3);
});

test.each(["", "{", "[]", '{"state":{"cpu_usage":"hot"},"allow_manage":true}', '{"state":{}}'])(
  "a saved state that cannot be read (%j) is said, and costs only the state",
  (state) => {
    const row = {
      agent_id: "a",
      online: false,
      last_seen: 1,
      turn: 4,
      total_requests: 3,
      failed_requests: 0,
      state,
    };
    saver.restore(agent, row, 9);
    expect(agent).toMatchObject({ turn: 4, totalRequests: 3, lostAt: undefined, state: {} });
    expect(deps.logged).toMatchObject([{ level: "warn" }]);
  },
);

test("a full disk ends nothing, and what was to be saved is saved when there is room", async () => {
  deps.store.refuses = true;
  saver.mark(agent);
  await deps.clock.advance(5_000);
  expect(deps.logged.map(({ level }) => level)).toContain("error");
  deps.store.refuses = false;
  await deps.clock.advance(1_000);
  expect([...deps.store.runtimes.keys()]).toEqual(["a"]);
  expect(deps.clock.timers).toBe(0);
});

test("an agent that was removed is not written any more", async () => {
  saver.mark(agent);
  saver.forget(agent);
  await deps.clock.advance(2_000);
  expect(deps.store.runtimes.size).toBe(0);
});
