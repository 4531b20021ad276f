/** Waits before another start, and after how long a life the next one is again the first. */
export const RESTART = { first_ms: 250, max_ms: 60_000, healthy_ms: 60_000 } as const;

/** How long to wait after that many failures in a row, 1 for the first; milliseconds. */
export function restartDelay(failures: number): number {
  return Math.min(RESTART.max_ms, RESTART.first_ms * 2 ** Math.min(failures - 1, 16));
}
