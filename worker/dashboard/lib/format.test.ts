import { expect, test } from "vitest";
import * as format from "./format.ts";

test("what was not measured is a dash, never a zero", () => {
  for (const write of [
    format.count,
    format.bytes,
    format.duration,
    format.share,
    format.percent,
    format.span,
  ]) {
    expect([null, undefined, Number.NaN].map((value) => write("en", value))).toEqual(["–", "–", "–"]);
  }
});

test("a wait is as exact as somebody wants to know it", () => {
  const shown = [0, 84.4, 999.6, 1_340, 12_600, 125_000].map((ms) => format.duration("en", ms));
  expect(shown).toEqual(["0 ms", "84 ms", "1 sec", "1.3 sec", "13 sec", "2 min 5 sec"]);
});

test("a long time has its two largest units", () => {
  const day = 86_400_000;
  expect([0, 59_000, 3_600_000, 3 * day + 4 * 3_600_000 + 5_000].map((ms) => format.span("en", ms))).toEqual([
    "0 sec",
    "59 sec",
    "1 hr",
    "3 days 4 hr",
  ]);
  expect(format.span("ja", 3 * day)).toBe("3 日");
});

test("bytes come in binary units", () => {
  expect([0, 1_023, 1_536, 5 * 2 ** 30, 900 * 2 ** 20].map((size) => format.bytes("en", size))).toEqual([
    "0 B",
    "1,023 B",
    "1.5 KiB",
    "5 GiB",
    "900 MiB",
  ]);
});

test("a clock that is a second off makes no event of the future", () => {
  expect(format.relative("en", 1_001_000, 1_000_000)).toBe("now");
  expect(format.relative("en", 1_000_000, 1_300_000)).toBe("5 min. ago");
  expect(format.relative("en", 1_300_000, 1_000_000)).toBe("in 5 min.");
});
