import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../shared/protocol/limits.ts";
import { Windows } from "./windows.ts";

const FLOOR = LIMITS.window_floor_bytes;

test("windows of any number of streams stay within the total, beyond it each is one full frame", () => {
  const windows = new Windows(() => {});
  for (let streams = 1; streams <= 5_000; streams++) {
    windows.opened();
    const all = windows.current() * streams;
    if (windows.current() > FLOOR) expect(all).toBeLessThanOrEqual(LIMITS.total_window_bytes);
    else expect(windows.current()).toBe(FLOOR);
  }
});

test("what was granted never passes the total: those that hold more are told at each step down, and only then", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 3_000 }), (openings) => {
      let told = 0;
      const granted: number[] = [];
      const windows = new Windows(() => {
        told++;
        granted.fill(windows.current());
      });
      for (const opens of openings) {
        const before = windows.current();
        if (opens) {
          const toldBefore = told;
          windows.opened();
          granted.push(windows.current());
          expect(told - toldBefore).toBe(windows.current() < before ? 1 : 0);
        } else if (granted.length > 0) {
          granted.shift();
          windows.closed();
        }
        const sum = granted.reduce((total, window) => total + Math.max(0, window - FLOOR), 0);
        expect(sum).toBeLessThanOrEqual(LIMITS.total_window_bytes);
        expect(windows.streams).toBe(granted.length);
      }
    }),
    { numRuns: 30 },
  );
});

test("the first stream and the last get a whole window", () => {
  const windows = new Windows(() => {});
  expect(windows.current()).toBe(LIMITS.window_bytes);
  for (let streams = 0; streams < 1_000; streams++) windows.opened();
  expect(windows.current()).toBeLessThan(LIMITS.window_bytes);
  for (let streams = 0; streams < 1_000; streams++) windows.closed();
  expect(windows.current()).toBe(LIMITS.window_bytes);
});
