import type { FeedNow } from "../../../shared/api/feed.ts";
import type { SeriesView } from "../../../shared/api/stats.ts";

/** What the sparklines show. `at`: seconds since the epoch. */
export interface Sample {
  at: number;
  running: number | null;
  waiting: number | null;
  requests_per_second: number | null;
  tokens_per_second: number | null;
  error_rate: number | null;
  first_byte_ms_p50: number | null;
  queue_ms_p50: number | null;
}

const SPAN_S = 3_600;
const STEP_S = 10;

const NOTHING = {
  running: null,
  waiting: null,
  requests_per_second: null,
  tokens_per_second: null,
  error_rate: null,
  first_byte_ms_p50: null,
  queue_ms_p50: null,
};

/**
 * The last hour with the newest moment; within one step the newest replaces the one before.
 * @param isBack nobody knows what was since the sample before
 */
export function remember(
  samples: readonly Sample[],
  now: FeedNow,
  atMs: number,
  isBack = false,
): readonly Sample[] {
  const at = Math.floor(atMs / 1_000 / STEP_S) * STEP_S;
  const sample: Sample = {
    at,
    running: now.running,
    waiting: now.waiting,
    requests_per_second: now.requests_per_second,
    tokens_per_second: now.tokens_per_second,
    error_rate: now.error_rate,
    first_byte_ms_p50: now.first_byte_ms_p50,
    queue_ms_p50: now.queue_ms_p50,
  };
  const kept = samples.filter((one) => one.at > at - SPAN_S && one.at < at);
  const last = kept.at(-1);
  const gap = last === undefined ? at : last.at + STEP_S;
  return isBack && gap < at ? [...kept, { at: gap, ...NOTHING }, sample] : [...kept, sample];
}

/** What the history database knows of the hour before this page was opened, under what was seen since. */
export function seeded(samples: readonly Sample[], view: SeriesView): readonly Sample[] {
  const first = samples[0]?.at ?? Number.POSITIVE_INFINITY;
  const column = (name: keyof SeriesView["series"], at: number): number | null =>
    view.series[name]?.[at] ?? null;
  const before = view.at.map((at, index): Sample => {
    const requests = column("requests", index);
    const errors = column("errors", index);
    const tokens = column("completion_tokens", index);
    return {
      at,
      running: null,
      waiting: null,
      requests_per_second: requests === null ? null : requests / view.step_s,
      tokens_per_second: tokens === null ? null : tokens / view.step_s,
      error_rate: requests === null || requests === 0 || errors === null ? null : errors / requests,
      first_byte_ms_p50: column("first_byte_ms_p50", index),
      queue_ms_p50: column("queue_ms_p50", index),
    };
  });
  return [...before.filter(({ at }) => at < first), ...samples];
}
