import { beforeEach, expect, test } from "vitest";
import type { Agent } from "../agent.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { agentOf } from "../testing/fleet.ts";
import { loadingS } from "./displacement.ts";
import { occupy } from "./grant.ts";
import type { Replica } from "./replica.ts";

const GB = 1e9;
const NOW = 1_000_000;
const LATELY = NOW - 60_000;
const LONG_AGO = NOW - 600_000;

let agent: Agent;
let waiting: Record<string, number>;
beforeEach(() => {
  agent = agentOf("a", { models: [] });
  agent.update({ models: ["a", "b", "c"].map((name) => ({ name, size: 5 * GB })) });
  waiting = {};
  // A load takes 5 s, an answer 2 s.
  agent.loadRate.restore(GB);
  for (const replica of agent.replicas) replica.measuredServiceS.restore(2);
  replica("a").usedAt = LATELY;
  replica("b").usedAt = LATELY + 1;
});

function replica(name: string): Replica {
  const found = agent.replica(`${name}:latest`);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function has(memoryGb: number | undefined, ...loaded: string[]): void {
  agent.update({
    loaded: loaded.map((name) => ({ name, size: 5 * GB })),
    ...(memoryGb === undefined
      ? {}
      : { gpus: [{ name: "gpu", memory_total_mb: (memoryGb * GB) / 1024 ** 2 }] }),
  });
}

const costOf = (name: string): number =>
  loadingS(replica(name), undefined, { now: NOW, waitingFor: (model) => waiting[model] ?? 0 });

test("a model in memory costs nothing, one that is not its load", () => {
  has(15, "a", "b");
  expect([costOf("a"), costOf("c")]).toEqual([0, 5]);
});

test("where there is no room, the load of what has to go comes to it, the longest unused first", () => {
  has(10, "a", "b");
  replica("b").measuredLoadS.restore(50);
  expect(costOf("c")).toBe(5 + 5);
  has(6, "a");
  expect(costOf("c")).toBe(5 + 5);
  has(5, "a", "b");
  expect(costOf("c")).toBe(5 + 5 + 50);
});

test("what nobody has used for five minutes is not missed, unless somebody waits for it", () => {
  has(5, "a");
  replica("a").usedAt = LONG_AGO;
  expect(costOf("c")).toBe(5);
  waiting = { "a:latest": 3 };
  expect(costOf("c")).toBe(5 + 5 + 3 * 2);
});

test("a machine that does not say what memory it has is not held to it", () => {
  has(undefined, "a", "b");
  expect(costOf("c")).toBe(5);
});

test("a model that is loaded anew for another context takes its own place", () => {
  agent.update({ gpus: [{ name: "gpu", memory_total_mb: (5 * GB) / 1024 ** 2 }] });
  agent.update({ loaded: [{ name: "a", size: 5 * GB, context_length: 4_096 }] });
  const cost = loadingS(replica("a"), 8_192, { now: NOW, waitingFor: () => 0 });
  expect(cost).toBe(5);
});

test("a model that is being loaded takes its room from the moment it was asked for, and gives it back when that fails", () => {
  has(10, "a");
  const options = {
    clock: new FakeClock(),
    numCtx: undefined,
    again: false,
    charge: () => {},
    freed: () => {},
  };
  const grant = occupy(replica("b"), "fastest", options);
  expect(costOf("c")).toBe(5 + 5);
  has(10, "a");
  expect(costOf("c")).toBe(5 + 5);
  grant.release({ verdict: "failure" });
  expect(costOf("c")).toBe(5);
  expect(replica("b").figures.inMemory).toBe(0);
});

test("machines that have a model in memory are counted, also when one is removed", () => {
  has(15, "a", "b");
  has(15, "a");
  expect([replica("a").figures.inMemory, replica("b").figures.inMemory]).toEqual([1, 0]);
  const { figures } = replica("a");
  agent.leave();
  expect(figures.inMemory).toBe(0);
});
