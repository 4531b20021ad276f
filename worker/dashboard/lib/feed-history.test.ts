import { expect, test } from "vitest";
import { NOBODY } from "../../../shared/api/testing/feed-parts.ts";
import { remember, type Sample, seeded } from "./feed-history.ts";

const now = (running: number) => ({ ...NOBODY.now, running });

test("an hour is kept, one sample for each ten seconds, the newest of them", () => {
  let samples: readonly Sample[] = [];
  for (let s = 0; s < 4_000; s += 2) samples = remember(samples, now(s), s * 1_000);
  expect(samples).toHaveLength(360);
  expect(samples.at(-1)).toMatchObject({ at: 3_990, running: 3_998 });
  expect(samples[0]?.at).toBe(400);
});

test("what the history database knows goes before what was seen, as rates", () => {
  const seen = remember([], now(1), 120_000);
  const all = seeded(seen, {
    from: "2026-01-31T12:00:00.000Z",
    to: "2026-01-31T13:00:00.000Z",
    step_s: 60,
    at: [0, 60, 120],
    series: { requests: [60, 0, 5], errors: [6, 0, 1], completion_tokens: [600, null, 5] },
  });
  expect(all.map(({ at }) => at)).toEqual([0, 60, 120]);
  expect(all[0]).toMatchObject({ requests_per_second: 1, tokens_per_second: 10, error_rate: 0.1 });
  expect(all[1]).toMatchObject({ error_rate: null, tokens_per_second: null });
  expect(all[2]).toBe(seen[0]);
});

test("what nobody has seen while the connection was lost is a gap, not a line", () => {
  const before = remember([], NOBODY.now, 1_000_000);
  const after = remember(before, { ...NOBODY.now, running: 2 }, 1_060_000, true);
  expect(after.map(({ at, running }) => [at, running])).toEqual([
    [1_000, 0],
    [1_010, null],
    [1_060, 2],
  ]);
  expect(remember(before, NOBODY.now, 1_011_000, true)).toHaveLength(2);
});
