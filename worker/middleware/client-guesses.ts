import { SlidingWindow } from "../coordinator/limits/sliding-window.ts";
import { callerGroup } from "../coordinator/pairing/caller-group.ts";
import type { AppContext, Host } from "../host.ts";
import { isGuessable, isOfOtherKind } from "./token-principal.ts";

/** Wrong ones of one caller in the window, as at the login. */
const MOST_WRONG = 10;
const WINDOW_MS = 600_000;
/** Callers that are counted; beyond that the oldest go. */
const MOST_CALLERS = 1_000;

const counts = new WeakMap<Host, Map<string, SlidingWindow>>();

/**
 * Whether what came as a key may be compared with the admin token: the client API must be no way around the limit of the login.
 * Counted here and not by the object: many clients send some word as their key, and each would cost a round trip.
 */
export function mayBeAdmin(c: AppContext, key: string): boolean {
  if (!isGuessable(key)) return true;
  const host = c.get("host");
  const now = Date.now();
  const window = counts.get(host)?.get(callerGroup(host.callerAddress(c)));
  return window === undefined || window.freeAt(now, MOST_WRONG, 1) <= now;
}

/** It was compared, and it is not the admin token. */
export function countWrongKey(c: AppContext, key: string): void {
  if (!isGuessable(key) || isOfOtherKind(key)) return;
  const host = c.get("host");
  const known = counts.get(host) ?? new Map<string, SlidingWindow>();
  counts.set(host, known);
  const group = callerGroup(host.callerAddress(c));
  const window = known.get(group) ?? new SlidingWindow(WINDOW_MS);
  window.add(Date.now(), 1);
  known.delete(group);
  known.set(group, window);
  const [oldest] = known.keys();
  if (known.size > MOST_CALLERS && oldest !== undefined) known.delete(oldest);
}
