import { expect, test } from "vitest";
import { SAME_WISH_MS, stopWishes } from "./stop-wishes.ts";

function bench() {
  const calls: string[] = [];
  let now = 1_000;
  const wish = stopWishes({
    now: () => now,
    stop: () => calls.push("stop"),
    abort: () => calls.push("abort"),
  });
  return {
    calls,
    wish: (afterMs: number) => {
      now += afterMs;
      wish();
    },
  };
}

test("one Ctrl-C that arrives three times stops in order", () => {
  const { wish, calls } = bench();
  for (const afterMs of [0, 2, 30]) wish(afterMs);
  expect(calls).toEqual(["stop"]);
});

test("a second Ctrl-C stops at once", () => {
  const { wish, calls } = bench();
  wish(0);
  wish(SAME_WISH_MS);
  expect(calls).toEqual(["stop", "abort"]);
});
