import type { Agent } from "../agent.ts";
import { hasRoute } from "../ollama-version.ts";
import type { Replica } from "./replica.ts";
import type { Refusal, Want } from "./want.ts";

/** What can be done for a request right now. */
export type Assessment =
  /** `only`: there is no other machine for it, busy or not. */
  | { kind: "choose"; free: [Replica, ...Replica[]]; busy: Replica[]; only: boolean }
  /** `until`: when time alone may change this (an agent stops counting as coming back), ms. */
  | { kind: "wait"; until: number | undefined }
  | { kind: "refuse"; refusal: Refusal };

/** What is looked at; `Registry` is one. */
export interface Machines {
  all(): Iterable<Agent>;
  /** Those that list a model, online or not. */
  holders(model: string): Iterable<Replica>;
}

export interface Fleet {
  machines: Machines;
  now: number;
  /** How long a lost agent counts as coming back, ms. */
  windowMs: number;
}

/** Pure: the same fleet and the same want give the same answer. Looks at the machines that have the model, and at no other. */
export function assess(want: Want, fleet: Fleet): Assessment {
  const { now, windowMs } = fleet;
  let known = false;
  let back: number | undefined;
  /** When the first of the breakers that keep a machine away lets somebody try. */
  let tried: number | undefined;
  const usable: Replica[] = [];
  const fresh: Replica[] = [];
  for (const replica of fleet.machines.holders(want.model)) {
    const { agent } = replica;
    if (want.pinned !== undefined && agent.id !== want.pinned) continue;
    known = true;
    if (want.since !== undefined && !hasRoute(agent.ollamaVersion, want.since)) continue;
    const presence = agent.presence(now, windowMs);
    if (presence === "coming_back" && agent.lostAt !== undefined) {
      // One that is draining gets no work when it is back either.
      if (!agent.record.draining) back = Math.max(back ?? 0, agent.lostAt + windowMs);
      continue;
    }
    if (agent.notRoutable(presence) !== undefined) continue;
    // Who names a machine wants to see what it says.
    if (want.slot && want.pinned === undefined && !replica.breaker.allows(now)) {
      tried = Math.min(tried ?? Number.POSITIVE_INFINITY, replica.breaker.until ?? now);
      continue;
    }
    usable.push(replica);
    if (!want.avoid.has(agent.id)) fresh.push(replica);
  }
  const pool = fresh.length > 0 ? fresh : usable;
  const free: Replica[] = [];
  const busy: Replica[] = [];
  for (const replica of pool) (!want.slot || replica.agent.takes(replica) ? free : busy).push(replica);
  const [head, ...rest] = free;
  if (head !== undefined) return { kind: "choose", free: [head, ...rest], busy, only: usable.length === 1 };
  if (busy.length > 0) return { kind: "wait", until: undefined };
  if (back !== undefined) return { kind: "wait", until: back };
  if (tried !== undefined) {
    const retryAfterS = Math.max(1, Math.ceil((tried - now) / 1_000));
    return { kind: "refuse", refusal: { code: "model_offline", retryAfterS } };
  }
  return { kind: "refuse", refusal: { code: refusalOf(known, fleet) } };
}

function refusalOf(known: boolean, { machines, now, windowMs }: Fleet): Refusal["code"] {
  if ([...machines.all()].every((agent) => agent.presence(now, windowMs) === "offline")) return "no_agents";
  return known ? "model_offline" : "model_not_found";
}
