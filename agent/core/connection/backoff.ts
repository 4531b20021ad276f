/** First delay, and what it doubles up to: for the first ten minutes, and after that. */
export const BACKOFF = {
  first_ms: 500,
  early_max_ms: 5_000,
  early_ms: 600_000,
  late_max_ms: 30_000,
  /** A connection that lived longer than this was a good one: the next failure starts from the beginning. */
  good_ms: 10_000,
} as const;

export interface BackoffInput {
  /** Attempts that failed since the last good connection, 0 for the first. */
  attempt: number;
  failingForMs: number;
  /** From 0 (inclusive) to 1. */
  random: number;
}

/** How long to wait before the next attempt, milliseconds: exponential with full jitter. */
export function backoffDelay({ attempt, failingForMs, random }: BackoffInput): number {
  const max = failingForMs >= BACKOFF.early_ms ? BACKOFF.late_max_ms : BACKOFF.early_max_ms;
  // The exponent is bounded: after a week of failures 2^attempt would be Infinity, and 0 × Infinity is NaN.
  const ceiling = Math.min(max, BACKOFF.first_ms * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling * random);
}
