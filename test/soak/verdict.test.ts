import { expect, test } from "vitest";
import type { Sample } from "./sample.ts";
import { growthOf, slope } from "./verdict.ts";

const MB = 1024 * 1024;
const CALM: Sample = { resident: 100 * MB, heap: 20 * MB, external: 4 * MB, timers: 3, handles: 8 };
const samples = (change: (at: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 11 }, (_, at) => ({ ...CALM, ...change(at) }));

test("what goes up and down is not growth, and neither is one odd sample", () => {
  expect(growthOf(samples((at) => ({ heap: (20 + (at % 3)) * MB })))).toEqual([]);
  expect(
    growthOf(samples((at) => ({ resident: (at === 10 ? 300 : 100) * MB, timers: at === 5 ? 40 : 3 }))),
  ).toEqual([]);
});

test("a little in each step is growth", () => {
  expect(growthOf(samples((at) => ({ heap: (20 + at * 0.3) * MB }))).map(({ what }) => what)).toEqual([
    "heap",
  ]);
  expect(growthOf(samples((at) => ({ timers: 3 + at, handles: 8 + at }))).map(({ what }) => what)).toEqual([
    "timers",
    "handles",
  ]);
});

test("the slope is that of the line when there is one", () => {
  expect(slope([1, 3, 5, 7])).toBe(2);
  expect(slope([5])).toBe(0);
});
