import { RANGES, type Range, type SERIES_STEPS } from "../../../shared/api/stats.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/**
 * Sizes of what is summed up, and how long each is kept. Minutes are for charts of the last day, and a day more for rows that
 * come late; hours for charts of a month, and two more to look back on; days for a year beside the one before.
 */
export const KEPT = [
  { size: MINUTE_MS, forMs: 2 * DAY_MS },
  { size: HOUR_MS, forMs: 90 * DAY_MS },
  { size: DAY_MS, forMs: 731 * DAY_MS },
] as const;

/** Rows of one size from a time (inclusive) to another (exclusive), ms. */
export interface Span {
  size: number;
  from: number;
  to: number;
}

/** The beginning of the span that a time lies in; days are those of UTC. */
export function startOf(at: number, size: number): number {
  return Math.floor(at / size) * size;
}

/**
 * Which rows together have the last `range` and each request of it once: as few as can be. It begins with a whole minute (of an
 * hour) or a whole hour, since no row is cut in two.
 */
export function spansOf(range: Range, now: number): Span[] {
  const ms = RANGES[range] * 1_000;
  if (ms <= HOUR_MS) return [{ size: MINUTE_MS, from: startOf(now - ms, MINUTE_MS), to: now + 1 }];
  const from = startOf(now - ms, HOUR_MS);
  const midnight = Math.ceil(from / DAY_MS) * DAY_MS;
  return [
    { size: HOUR_MS, from, to: midnight },
    { size: DAY_MS, from: midnight, to: now + 1 },
  ].filter(({ from, to }) => from < to);
}

/** Steps in a range when nobody says how long one is to be. */
const DEFAULT_STEP_S: Record<Range, (typeof SERIES_STEPS)[number]> = {
  "1h": 60,
  "24h": 900,
  "7d": 3_600,
  "30d": 21_600,
};

/**
 * Steps of a series and the rows that fill them.
 * @param step seconds; shorter than an hour only over a day, because minutes are not kept for longer
 */
export function stepsOf(range: Range, step: number | undefined, now: number): { stepMs: number; span: Span } {
  const shortest = RANGES[range] > RANGES["24h"] ? 3_600 : 60;
  const stepMs = Math.max(step ?? DEFAULT_STEP_S[range], shortest) * 1_000;
  const size = [DAY_MS, HOUR_MS, MINUTE_MS].find((each) => stepMs % each === 0) ?? MINUTE_MS;
  return { stepMs, span: { size, from: startOf(now - RANGES[range] * 1_000, stepMs), to: now + 1 } };
}
