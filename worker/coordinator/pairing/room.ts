import type { StoredPairing } from "../store.ts";
import { callerGroup } from "./caller-group.ts";

/** Machines that may wait at the same time. */
export const MOST_WAITING = 20;

export type Room =
  | { kind: "free" }
  /** This one has to give way: its caller has taken more than a fair part. */
  | { kind: "instead_of"; pairing: StoredPairing }
  /** `until`: when the next of them is over, ms. */
  | { kind: "full"; until: number };

/**
 * Whether one more machine may wait. One caller may have every place while nobody else wants one (a room of machines behind
 * one router); but then it yields to whoever has fewer, so that a flood keeps nobody else out. Whoever has one place keeps it.
 */
export function roomFor(waiting: readonly StoredPairing[], callerAddress: string | null): Room {
  const [first] = waiting;
  if (first === undefined || waiting.length < MOST_WAITING) return { kind: "free" };
  const byCaller = Map.groupBy(waiting, ({ caller_address }) => callerGroup(caller_address));
  const mine = byCaller.get(callerGroup(callerAddress))?.length ?? 0;
  let greediest = [first];
  for (const places of byCaller.values()) if (places.length > greediest.length) greediest = places;
  if (greediest.length > mine + 1) {
    return { kind: "instead_of", pairing: greediest.reduce((a, b) => (b.created_at < a.created_at ? b : a)) };
  }
  return { kind: "full", until: Math.min(...waiting.map(({ expires_at }) => expires_at)) };
}
