import { afterEach, expect, test, vi } from "vitest";
import type { AgentState } from "../../shared/protocol/messages.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { Bench } from "./testing/bench.ts";
import { turn } from "./testing/turn.ts";

afterEach(() => vi.restoreAllMocks());

async function fleetOfTwo() {
  const fleet = await Bench.fleet({ a: { models: ["m"] }, b: { models: ["m"] } });
  await turn();
  return { ...fleet, pump: vi.spyOn(Scheduler.prototype, "pump") };
}

test.each<AgentState>([
  { cpu_usage: 3, memory_usage: 4, gpus: [] },
  { disk_free_mb: 5 },
  { memory_total_mb: 6 },
  { cpu_usage: 3, disk_free_mb: 5, memory_total_mb: 6 },
])("who waits is not looked through for %j, and the machine is known by it", async (said) => {
  const { bench: on, agent, pump } = await fleetOfTwo();
  agent("a").tell(said);
  await turn();
  expect(pump).not.toHaveBeenCalled();
  expect(await on.brain.getAgent("a")).toMatchObject(said);
  agent("a").tell({ ...said, ollama: "ok" });
  await turn();
  expect(pump).toHaveBeenCalledOnce();
});

test("who waits is looked through once for all that machines say in one turn, and again for the next", async () => {
  const { agent, pump } = await fleetOfTwo();
  for (let times = 0; times < 10; times++) {
    agent("a").tell({ loaded: [] });
    agent("b").tell({ loaded: [] });
  }
  await turn();
  expect(pump).toHaveBeenCalledOnce();
  agent("a").tell({ loaded: [] });
  await turn();
  expect(pump).toHaveBeenCalledTimes(2);
});

test("a place that a machine makes by what it says is given in the same turn", async () => {
  const { bench: on, agent } = await Bench.fleet({ a: { models: ["m"] } });
  for (let asked = 0; asked < 2; asked++) on.ask({ model: "m" });
  await turn();
  expect(agent("a").requests).toHaveLength(1);
  agent("a").tell({ ollama_parallel: 2, loaded: [{ name: "m" }] });
  await turn();
  expect(agent("a").requests).toHaveLength(2);
});
