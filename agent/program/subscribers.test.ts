import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { Subscribers } from "./subscribers.ts";

test("a change is told at once, many in a row four times a second, and the last one always", () => {
  const clock = new FakeClock();
  let value = 0;
  const heard: number[] = [];
  const subscribers = new Subscribers(clock, () => value);
  const end = subscribers.add((now) => heard.push(now));
  for (value = 1; value <= 100; value++) {
    subscribers.changed();
    clock.advance(10);
  }
  value = 1_000;
  subscribers.changed();
  clock.advance(10_000);
  expect(heard[0]).toBe(1);
  expect(heard.length).toBeLessThanOrEqual(6);
  expect(heard.at(-1)).toBe(1_000);
  expect(clock.pending).toEqual([]);
  end();
  subscribers.changed();
  expect(heard.at(-1)).toBe(1_000);
  expect(clock.pending).toEqual([]);
});

test("who listens since then is told when it is again as the others heard last", () => {
  const clock = new FakeClock();
  let value = 0;
  const subscribers = new Subscribers(clock, () => value);
  const end = subscribers.add(() => {});
  subscribers.changed();
  clock.advance(1_000);
  end();
  value = 1;
  subscribers.changed();
  const heard: number[] = [];
  subscribers.add((now) => heard.push(now));
  value = 0;
  subscribers.changed();
  expect(heard).toEqual([0]);
  subscribers.stop();
});
