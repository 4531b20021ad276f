import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SlidingWindow } from "./sliding-window.ts";

const MINUTE = 60_000;
const at = (entries: [number, number][], windowMs = MINUTE): SlidingWindow => {
  const window = new SlidingWindow(windowMs);
  for (const [now, amount] of entries) window.add(now, amount);
  return window;
};

test("an amount counts for exactly one window", () => {
  const window = at([[1_000, 3]]);
  expect([window.sum(1_000), window.sum(60_999), window.sum(61_000)]).toEqual([3, 3, 0]);
});

test("one a second sharp never fills a minute's sixty", () => {
  const window = new SlidingWindow(MINUTE);
  for (let second = 0; second < 600; second++) {
    expect(window.sum(second * 1_000)).toBeLessThan(60);
    window.add(second * 1_000, 1);
  }
});

test("what comes closer than the resolution counts as the latest of it: never too early", () => {
  const window = at([
    [0, 1],
    [249, 1],
    [250, 1],
  ]);
  expect([window.sum(60_000), window.sum(60_248), window.sum(60_249), window.sum(60_250)]).toEqual([
    3, 3, 1, 0,
  ]);
});

describe("when it is free again", () => {
  const window = (): SlidingWindow =>
    at([
      [0, 2],
      [10_000, 3],
      [20_000, 5],
    ]);
  test.each([
    [10, 1, 60_000],
    [10, 2, 60_000],
    [10, 3, 70_000],
    [10, 6, 80_000],
    [11, 1, 30_000],
    [10, 10, 80_000],
    // More than the limit fits once there is nothing else.
    [10, 99, 80_000],
    [4, 1, 80_000],
  ])("limit %d, need %d: at %d", (limit, need, free) => {
    expect(window().freeAt(30_000, limit, need)).toBe(free);
  });
});

test("however much happens, it keeps few entries", () => {
  const window = new SlidingWindow(86_400_000);
  for (let now = 0; now < 3 * 86_400_000; now += 37_000) window.add(now, 7);
  expect(window.saved().length).toBeLessThanOrEqual(242);
});

describe("a clock that goes backwards", () => {
  test("blocks for one window at most, and forgets nothing", () => {
    const window = at([
      [3_600_000, 5],
      [3_610_000, 5],
    ]);
    expect(window.sum(1_000)).toBe(10);
    expect(window.freeAt(1_000, 10, 1)).toBe(61_000);
    window.add(2_000, 1);
    expect([window.sum(60_999), window.sum(61_000), window.sum(62_000)]).toEqual([11, 1, 0]);
  });

  test("over a restart, too", () => {
    const saved = at([[3_600_000, 5]]).saved();
    const window = SlidingWindow.restore(MINUTE, saved, 1_000);
    expect([window.sum(60_999), window.sum(61_000)]).toEqual([5, 0]);
  });
});

test("what is saved counts the same when it is back", () => {
  const window = at([
    [0, 2],
    [100, 1],
    [30_000, 4],
  ]);
  const back = SlidingWindow.restore(MINUTE, window.saved(), 40_000);
  for (const now of [40_000, 60_099, 60_100, 89_999, 90_000]) expect(back.sum(now)).toBe(window.sum(now));
  expect(SlidingWindow.restore(MINUTE, window.saved(), 200_000).saved()).toEqual([]);
});

test("who asks first never gets more than the limit into any window, and more than the resolution apart nothing is refused early", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.tuple(fc.nat(9_000), fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 200 }),
      (limit, steps) => {
        let window = new SlidingWindow(MINUTE);
        const taken: [number, number][] = [];
        let now = 0;
        for (const [pause, wish, restart] of steps) {
          now += pause;
          const amount = Math.min(wish, limit);
          if (restart) window = SlidingWindow.restore(MINUTE, window.saved(), now);
          const inMinute = (since: number): number =>
            taken.reduce(
              (sum, [time, each]) => (time > since - MINUTE && time <= since ? sum + each : sum),
              0,
            );
          const fits = window.sum(now) + amount <= limit;
          const late = taken.reduce((sum, [time, each]) => (time > now - MINUTE - 250 ? sum + each : sum), 0);
          if (late + amount <= limit) expect(fits).toBe(true);
          if (inMinute(now) + amount > limit) expect(fits).toBe(false);
          if (!fits) {
            const free = window.freeAt(now, limit, amount);
            expect(free).toBeGreaterThan(now);
            continue;
          }
          expect(window.freeAt(now, limit, amount)).toBe(now);
          window.add(now, amount);
          taken.push([now, amount]);
        }
      },
    ),
  );
});
