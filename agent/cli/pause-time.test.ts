import { expect, test } from "vitest";
import { durationMs, isTime, nextTime, pauseEnd } from "./pause-time.ts";

const NOW = new Date(2026, 10, 23, 17, 30);

test.each([
  ["90m", 90 * 60_000],
  ["1h30m", 90 * 60_000],
  ["0.5h", 30 * 60_000],
  ["2d", 2 * 86_400_000],
  ["10s", 10_000],
  ["366d", 366 * 86_400_000],
  ["367d", undefined],
  ["0m", undefined],
  ["90", undefined],
  ["-1h", undefined],
  ["1.5.5h", undefined],
  ["1h 30m", undefined],
  ["", undefined],
])("a duration of %j is %j ms", (text, ms) => expect(durationMs(text)).toBe(ms));

test.each([
  ["18:00", true],
  ["7:05", true],
  ["24:00", false],
  ["18", false],
  ["2026-11-24T08:00", true],
  ["2026-11-24 08:00", true],
  ["2026-11-24T08:00:00Z", true],
  ["2026-11-24T08:00+09:00", true],
  ["2026-13-24T08:00", false],
  ["tomorrow", false],
])("%j is a time: %j", (text, is) => expect(isTime(text)).toBe(is));

test("a time of day is the next one", () => {
  expect(nextTime("18:00", NOW)).toEqual(new Date(2026, 10, 23, 18, 0));
  expect(nextTime("17:30", NOW)).toEqual(new Date(2026, 10, 24, 17, 30));
  expect(nextTime("2026-11-24T08:00+09:00", NOW)).toEqual(new Date("2026-11-23T23:00:00Z"));
});

test("a pause ends when it is told to, and not before now", () => {
  expect(pauseEnd({ for: undefined, until: undefined }, NOW)).toEqual({ ok: true, until: null });
  expect(pauseEnd({ for: 60_000, until: undefined }, NOW)).toEqual({
    ok: true,
    until: new Date(NOW.getTime() + 60_000),
  });
  expect(pauseEnd({ for: undefined, until: "2020-01-01T00:00" }, NOW)).toMatchObject({
    ok: false,
    error: expect.stringContaining("is over"),
  });
  expect(pauseEnd({ for: 1, until: "18:00" }, NOW)).toMatchObject({ ok: false });
});
