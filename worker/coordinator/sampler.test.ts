import { beforeEach, expect, test } from "vitest";
import { Agent } from "./agent.ts";
import type { SampleRow } from "./deps.ts";
import { Sampler } from "./sampler.ts";
import { Bench, storedAgent } from "./testing/bench.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import type { Tunnel } from "./tunnel.ts";

let clock: FakeClock;
let rows: SampleRow[];
let machines: number;
let sampler: Sampler;
let agent: Agent;

beforeEach(() => {
  clock = new FakeClock();
  rows = [];
  machines = 3;
  const recorder = { sample: (row: SampleRow) => void rows.push(row) };
  sampler = new Sampler({ clock, recorder, machines: () => machines });
  agent = new Agent(storedAgent("a"));
  // Whether there is one is all that is asked.
  agent.tunnel = {} as Tunnel;
});

/** It says this much of its processor, every few seconds for some minutes. */
async function speak(minutes: number, cpu: (second: number) => number): Promise<void> {
  for (let second = 0; second < minutes * 60; second += 5) {
    agent.update({ cpu_usage: cpu(second) });
    sampler.noticed(agent);
    await clock.advance(5_000);
  }
}

test("a machine that speaks all the time has one sample a minute", async () => {
  await speak(10, (second) => second % 100);
  expect(rows).toHaveLength(10);
  expect(new Set(rows.map(({ at }) => at)).size).toBe(10);
  expect(rows[0]).toEqual({
    id: `a@${clock.now() - 600_000}`,
    at: new Date(clock.now() - 600_000).toISOString(),
    agent_id: "a",
    cpu_usage: 0,
    memory_usage: null,
    gpu_usage: null,
    active_requests: 0,
    tokens_per_second: null,
  });
});

test("of more than a hundred machines each has one in five minutes", async () => {
  machines = 101;
  await speak(20, (second) => second % 100);
  expect(rows).toHaveLength(4);
});

test("a machine that says the same again, or is not there, has none", async () => {
  await speak(10, () => 7);
  expect(rows).toHaveLength(1);
  agent.tunnel = undefined;
  await speak(10, (second) => second % 100);
  expect(rows).toHaveLength(1);
});

test("several GPUs are their mean, and one that does not say is left out", () => {
  agent.update({ gpus: [{ name: "x", utilization: 10 }, { name: "y", utilization: 50 }, { name: "z" }] });
  sampler.noticed(agent);
  expect(rows[0]?.gpu_usage).toBe(30);
});

test("a fleet at rest leaves no timer and writes nothing", async () => {
  const { bench } = await Bench.fleet({ a: {}, b: {} });
  await bench.clock.drain();
  const before = bench.history.samples.length;
  await bench.clock.advance(3_600_000);
  expect([bench.history.samples.length, bench.clock.timers]).toEqual([before, 0]);
});
