import { expect, test } from "vitest";
import { pauseUntil } from "./pause-until.ts";

const local = (day: number, hour: number, minute = 0): Date => new Date(2026, 10, day, hour, minute);

test("an hour is an hour", () => {
  expect(pauseUntil("hour", local(23, 10, 30))).toEqual(local(23, 11, 30));
});

test("until tomorrow ends in the morning, not at midnight", () => {
  expect(pauseUntil("tomorrow", local(23, 10))).toEqual(local(24, 6));
  expect(pauseUntil("tomorrow", local(23, 23, 50))).toEqual(local(24, 6));
  expect(pauseUntil("tomorrow", local(30, 5))).toEqual(new Date(2026, 11, 1, 6));
});

test("in the night, tomorrow is the morning that comes", () => {
  expect(pauseUntil("tomorrow", local(24, 2))).toEqual(local(24, 6));
});

test("a pause without an end has none", () => {
  expect(pauseUntil("open", local(23, 10))).toBeNull();
});
