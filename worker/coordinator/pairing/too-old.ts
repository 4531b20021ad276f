import type { StoredPairing } from "../store.ts";

/** So long a machine, or an operator, that comes too late is told so, ms. */
const REMEMBERED_MS = 3_600_000;
/** So many at most. */
const MOST_REMEMBERED = 100;

/** Ids of pairings that need not be remembered any more. @param over those that are rejected or expired */
export function tooOld(over: readonly StoredPairing[], now: number): string[] {
  const newestFirst = over.toSorted((a, b) => b.created_at - a.created_at);
  return newestFirst
    .filter(({ expires_at }, at) => at >= MOST_REMEMBERED || expires_at + REMEMBERED_MS <= now)
    .map(({ id }) => id);
}
