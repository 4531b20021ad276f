import { expect, test } from "vitest";
import { streamsOf } from "./arrivals.ts";
import { jain } from "./fairness.ts";
import { fleetOf } from "./fleet.ts";
import { lowerBoundS } from "./lower-bound.ts";
import type { Outcome } from "./run.ts";
import { parseScenario } from "./scenario.ts";
import { necessaryLoads } from "./summary.ts";
import { VirtualClock } from "./virtual-clock.ts";

function boundOf(
  machines: object[],
  traffic: object[],
  models: object[] = [{ name: "m", size_gb: 1 }],
): number {
  const scenario = parseScenario({
    name: "bound",
    models,
    machines: machines.map((each) => ({ class: "pc", memory_gb: 8, prefill_tokens_per_s: 1_000, ...each })),
    traffic: traffic.map((each) => ({ key: "a", prompt_tokens: 1, completion_tokens: 100, ...each })),
  });
  const fleet = fleetOf(scenario);
  return lowerBoundS(fleet, streamsOf(scenario, fleet));
}

test("the bound is all work through all machines", () => {
  const burst = { arrivals: { kind: "burst", requests: 70 } };
  const speeds = [40, 20, 10].map((tokens_per_s) => ({ tokens_per_s }));
  expect(boundOf(speeds, [burst])).toBeCloseTo(100, 0);
  expect(boundOf([{ tokens_per_s: 10, slots: 4, slowdown: 1 }], [burst])).toBeCloseTo(700, 0);
  expect(boundOf([{ tokens_per_s: 10, slots: 4 }], [burst])).toBeCloseTo(175, 0);
});

test("the bound is not below one request on the fastest machine, nor below what one client sends in turn", () => {
  const many = [{ tokens_per_s: 50, count: 100 }];
  expect(boundOf(many, [{ arrivals: { kind: "burst", requests: 1 } }])).toBeCloseTo(2, 1);
  const closed = { kind: "closed", requests: 10, think_s: 3, start_s: 5 };
  expect(boundOf(many, [{ arrivals: closed }])).toBeCloseTo(5 + 10 * 2 + 9 * 3, 0);
});

test("the bound knows that what comes late cannot be done before, and which machines have a model", () => {
  const late = { arrivals: { kind: "burst", requests: 10, start_s: 100 } };
  expect(boundOf([{ tokens_per_s: 50 }], [late])).toBeCloseTo(120, 0);
  const models = ["m", "n"].map((name) => ({ name, size_gb: 1 }));
  const machines = [{ tokens_per_s: 50, models: ["m"] }, { tokens_per_s: 50 }];
  const traffic = [{ models: ["n"], arrivals: { kind: "burst", requests: 10 } }];
  expect(boundOf(machines, traffic, models)).toBeCloseTo(20, 0);
});

test("only models that are asked for and nowhere in memory have to be loaded", () => {
  const scenario = parseScenario({
    name: "loads",
    models: [{ name: "m", size_gb: 1, count: 4 }],
    machines: [{ class: "pc", tokens_per_s: 1, memory_gb: 8, loaded: ["m-1"] }],
    traffic: [{ key: "a", models: ["m-1", "m-2", "m-3"], arrivals: { kind: "burst", requests: 200 } }],
  });
  const fleet = fleetOf(scenario);
  expect(necessaryLoads(fleet, streamsOf(scenario, fleet))).toBe(2);
});

/** Requests of 1 s each that were all sent at 0 and answered one after the other from `from`. */
function served(key: string, count: number, over: { weight?: number; slots?: number } = {}): Outcome[] {
  const { weight = 1, slots = 1 } = over;
  return Array.from({ length: count }, (_, index) => ({
    demand: { key, weight, model: "m", promptTokens: 1, completionTokens: 1 },
    arrivedMs: 0,
    waitedMs: 0,
    grantedMs: Math.floor(index / slots) * 1_000,
    endedMs: (Math.floor(index / slots) + 1) * 1_000,
    attempts: 1,
    machine: "pc",
    reason: "",
    error: undefined,
  }));
}

test("Jain's index is 1 for equal shares by weight, and falls when one has more than its due", () => {
  expect(jain([...served("a", 20), ...served("b", 20)])).toBeCloseTo(1);
  expect(jain([...served("a", 40, { slots: 2, weight: 2 }), ...served("b", 20)])).toBeCloseTo(1);
  expect(jain([...served("a", 60, { slots: 3 }), ...served("b", 20)])).toBeCloseTo(0.8);
});

test("Jain's index does not mind that one asked for little and got it", () => {
  const little = served("a", 10).map((each, index) => ({ ...each, arrivedMs: index * 1_000 }));
  expect(jain([...little, ...served("b", 40, { slots: 4 })])).toBeCloseTo(1);
});

test("virtual time runs in order, those of one moment as they were set, and what is cancelled never", () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  clock.after(2.2, () => order.push(`late at ${clock.now()}`));
  clock.after(1, () => {
    order.push("first");
    clock.after(0, () => order.push("third"));
  });
  clock.after(1, () => order.push("second"));
  clock.after(1, () => order.push("never")).cancel();
  clock.run(() => false);
  expect(order).toEqual(["first", "second", "third", "late at 3"]);
});
