import { beforeEach, expect, test } from "vitest";
import { Breaker } from "./breaker.ts";

let breaker: Breaker;

beforeEach(() => {
  breaker = new Breaker();
});

function failTimes(count: number, now: number): void {
  for (let each = 0; each < count; each++) {
    breaker.failed(now, breaker.enter(now));
  }
}

test("failures in a row open it; a success in between begins anew", () => {
  failTimes(4, 0);
  breaker.succeeded();
  failTimes(4, 0);
  expect([breaker.state(0), breaker.allows(0)]).toEqual(["closed", true]);
  failTimes(1, 0);
  expect([breaker.state(0), breaker.allows(0), breaker.failures]).toEqual(["open", false, 5]);
});

test("after its rest one request tries it, and only one", () => {
  failTimes(5, 0);
  expect(breaker.allows(9_999)).toBe(false);
  expect([breaker.state(10_000), breaker.allows(10_000)]).toEqual(["half_open", true]);
  expect(breaker.enter(10_000)).toBe(true);
  expect(breaker.allows(10_000)).toBe(false);
  breaker.succeeded();
  expect([breaker.state(10_000), breaker.allows(10_000), breaker.failures]).toEqual(["closed", true, 0]);
});

test("a probe that fails doubles the rest, to five minutes at most", () => {
  failTimes(5, 0);
  const rests: number[] = [];
  for (let round = 0; round < 7; round++) {
    const at = breaker.until ?? 0;
    failTimes(1, at);
    rests.push((breaker.until ?? 0) - at);
  }
  expect(rests).toEqual([20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
});

test("those that were under way when it opened do not lengthen its rest", () => {
  failTimes(9, 0);
  expect(breaker.until).toBe(10_000);
});

test("a probe whose client leaves lets another try", () => {
  failTimes(5, 0);
  breaker.unsettled(breaker.enter(10_000));
  expect([breaker.state(10_000), breaker.allows(10_000)]).toEqual(["half_open", true]);
});

test("one that was under way before says nothing of the probe", () => {
  const before = breaker.enter(0);
  failTimes(5, 0);
  const probe = breaker.enter(10_000);
  expect([before, probe]).toEqual([false, true]);
  breaker.unsettled(before);
  expect(breaker.allows(10_000)).toBe(false);
  breaker.failed(10_000, before);
  expect([breaker.allows(10_000), breaker.until]).toEqual([false, 10_000]);
  breaker.failed(11_000, probe);
  expect(breaker.until).toBe(31_000);
});
