import { expect, test } from "vitest";
import { formatFor } from "./format.ts";

const en = formatFor("en", "UTC");
const ja = formatFor("ja", "Asia/Tokyo");

test("sizes are in the decimal units that disks and download pages use", () => {
  expect([0, 999, 1_000, 999_600, 12_340_000, 4_683_075_271, 2e12].map(en.bytes)).toEqual([
    "0 byte",
    "999 byte",
    "1 kB",
    "1 MB",
    "12.3 MB",
    "4.7 GB",
    "2 TB",
  ]);
  expect(en.speed(12_400_000)).toBe("12.4 MB/s");
});

test("a span is told in one unit, and never as nothing", () => {
  expect([0, 1, 45, 60, 125, 3_600, 9_000].map(en.span)).toEqual([
    "1 second",
    "1 second",
    "45 seconds",
    "1 minute",
    "2 minutes",
    "1 hour",
    "2.5 hours",
  ]);
  expect(ja.span(125)).toBe("2 分");
});

test("what still runs is never all done", () => {
  expect(en.percent(0.999)).toBe("99%");
});

test("a countdown does not go below zero", () => {
  expect([545, 59.2, 0, -5].map(en.countdown)).toEqual(["9:05", "1:00", "0:00", "0:00"]);
});

test("today is decided where the person is", () => {
  const now = new Date("2026-11-23T14:00:00Z");
  const soon = new Date("2026-11-23T16:00:00Z");
  expect(en.moment(soon, now)).toBe("4:00 PM");
  expect(ja.moment(soon, now)).toBe("11月24日(火) 1:00");
});
