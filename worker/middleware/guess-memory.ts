import { callerGroup } from "../coordinator/pairing/caller-group.ts";
import type { AppContext, Host } from "../host.ts";
import { WrongTokens } from "./wrong-tokens.ts";

/** Callers remembered; beyond that the oldest go. */
const MOST = 1_000;

const memory = new WeakMap<Host, Map<string, number>>();
/** The object hears of a wrong one only after it was compared with the admin token, here. */
const wrong = new WrongTokens();

/** How long, in seconds, this caller's tokens are not looked at any more; 0: they are. Known without asking the object. */
export function waitOf(c: AppContext): number {
  const host = c.get("host");
  const until = memory.get(host)?.get(callerGroup(host.callerAddress(c))) ?? 0;
  return Math.max(0, Math.ceil(Math.max(until - Date.now(), wrong.waitMs(c)) / 1_000));
}

/** A token that somebody may have guessed was compared with the admin token, and is not that. */
export function countGuess(c: AppContext): void {
  wrong.count(c);
}

/** The object has said that this caller was wrong too often. */
export function rememberWait(c: AppContext, seconds: number): void {
  const host = c.get("host");
  const known = memory.get(host) ?? new Map<string, number>();
  memory.set(host, known);
  const group = callerGroup(host.callerAddress(c));
  known.delete(group);
  known.set(group, Date.now() + seconds * 1_000);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
}
