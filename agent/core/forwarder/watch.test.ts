import { expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Watch } from "./watch.ts";

function watching(limitMs: number) {
  const clock = new FakeClock();
  const expired: number[] = [];
  const watch = new Watch(clock, () => expired.push(clock.now()));
  watch.limit(limitMs);
  return { clock, expired, watch };
}

test("silence as long as the limit expires it, once", () => {
  const { clock, expired } = watching(100);
  clock.advance(1_000);
  expect(expired).toEqual([100]);
  expect(clock.pending).toEqual([]);
});

test("activity moves the deadline without a new timer each time", () => {
  const { clock, expired, watch } = watching(100);
  for (let step = 0; step < 9; step++) {
    clock.advance(10);
    watch.touch();
    expect(clock.pending).toHaveLength(1);
  }
  clock.advance(99);
  expect(expired).toEqual([]);
  clock.advance(1);
  expect(expired).toEqual([190]);
});

test("while held nothing expires; released, the whole limit runs again", () => {
  const { clock, expired, watch } = watching(100);
  watch.hold(true);
  clock.advance(5_050);
  watch.hold(false);
  clock.advance(99);
  expect(expired).toEqual([]);
  clock.advance(1);
  expect(expired).toEqual([5_150]);
});

test("a shorter limit counts from when it is set, and stop leaves no timer", () => {
  const { clock, expired, watch } = watching(1_000);
  clock.advance(500);
  watch.limit(10);
  clock.advance(10);
  expect(expired).toEqual([510]);
  watch.limit(10);
  watch.stop();
  expect(clock.pending).toEqual([]);
});
