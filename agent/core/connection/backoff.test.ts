import { expect, test } from "vitest";
import { backoffDelay } from "./backoff.ts";

const HIGHEST = 1 - Number.EPSILON;

test("delays double from 0.5 s to 5 s for ten minutes, then go up to 30 s", () => {
  const at = (attempt: number, failingForMs = 0) => backoffDelay({ attempt, failingForMs, random: HIGHEST });
  expect([0, 1, 2, 3, 4, 5].map((attempt) => at(attempt))).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
  expect(at(50, 599_999)).toBe(5000);
  expect(at(50, 600_000)).toBe(30_000);
});

test("jitter is full: any delay from none to the ceiling, and never a number that is none", () => {
  expect(backoffDelay({ attempt: 3, failingForMs: 0, random: 0 })).toBe(0);
  expect(backoffDelay({ attempt: 3, failingForMs: 0, random: 0.5 })).toBe(2000);
  expect(backoffDelay({ attempt: 100_000, failingForMs: 1e9, random: 0 })).toBe(0);
});
