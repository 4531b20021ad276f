import { expect, test } from "vitest";
import { DrainRate } from "./drain-rate.ts";

test("is not known before somebody has left", () => {
  expect(new DrainRate(0).perSecond(60_000)).toBeUndefined();
});

test("is what was measured, and falls while nobody leaves", () => {
  const rate = new DrainRate(0);
  for (let second = 1; second <= 10; second++) rate.departed(second * 1_000);
  expect(rate.perSecond(10_000)).toBe(1);
  expect(rate.perSecond(20_000)).toBe(0.5);
});

test("what was long ago does not count", () => {
  const rate = new DrainRate(0);
  for (let each = 1; each <= 40; each++) rate.departed(each * 10_000);
  for (let each = 1; each <= 40; each++) rate.departed(400_000 + each * 100);
  expect(rate.perSecond(404_000)).toBeCloseTo(10, 0);
});
