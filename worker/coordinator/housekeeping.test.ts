import { beforeEach, expect, test } from "vitest";
import { Housekeeping } from "./housekeeping.ts";
import { fakeDeps } from "./testing/bench.ts";

let deps: ReturnType<typeof fakeDeps>;
let housekeeping: Housekeeping;

beforeEach(() => {
  deps = fakeDeps();
  housekeeping = new Housekeeping(deps, () => 7);
});

test("few requests set off nothing, and keep no timer", async () => {
  for (let n = 0; n < 499; n++) housekeeping.wrote(1);
  await deps.clock.drain();
  expect([deps.history.kept, deps.clock.timers]).toEqual([[], 0]);
});

test("many are summed up in steps with a pause between them, and then the old go", async () => {
  deps.history.steps.rollUp = 3;
  housekeeping.wrote(500);
  expect(deps.history.kept).toEqual([]);
  await deps.clock.advance(20);
  expect(deps.history.kept).toEqual(["rollUp"]);
  await deps.clock.drain();
  expect(deps.history.kept).toEqual(["rollUp", "rollUp", "rollUp", "prune"]);
});

test("a run sums up before it prunes, and does a bounded part of a mountain", async () => {
  deps.history.steps.rollUp = deps.history.steps.prune = 1_000;
  await housekeeping.run();
  expect(deps.history.kept).toEqual([...Array(4).fill("rollUp"), ...Array(5).fill("prune")]);
});

test("what a run leaves to be summed up follows in steps: whoever asks for figures reads all of it until then", async () => {
  deps.history.steps.rollUp = 12;
  await housekeeping.run();
  await deps.clock.drain();
  expect(deps.history.kept.filter((step) => step === "rollUp")).toHaveLength(12);
  expect(deps.clock.timers).toBe(0);
});

test("two runs at once do their steps one after the other", async () => {
  deps.history.steps.rollUp = 3;
  await Promise.all([housekeeping.run(), housekeeping.run()]);
  expect(deps.history.kept).toEqual(["rollUp", "rollUp", "rollUp", "prune", "rollUp", "prune"]);
});

test("a history that is away fails nobody, and is asked again at the next occasion", async () => {
  deps.history.away = true;
  await expect(housekeeping.run()).resolves.toBeUndefined();
  housekeeping.wrote(500);
  await deps.clock.drain();
  expect(deps.logged.map(({ level }) => level)).toEqual(["warn", "warn"]);
  deps.history.away = false;
  deps.history.kept.length = 0;
  await housekeeping.run();
  expect(deps.history.kept).toEqual(["rollUp", "prune"]);
});
