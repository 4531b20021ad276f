import type { Agent, Presence } from "./agent.ts";
import { hasRoute } from "./ollama-version.ts";
import type { Candidates } from "./strategies/strategy.ts";
import type { Refusal, Want } from "./want.ts";

/** What can be done for a request right now. */
export type Assessment =
  | { kind: "choose"; candidates: Candidates; only: boolean }
  /** `until`: when time alone may change this (an agent stops counting as coming back), ms. */
  | { kind: "wait"; until: number | undefined }
  | { kind: "refuse"; refusal: Refusal };

export interface Fleet {
  agents: Iterable<Agent>;
  now: number;
  /** How long a lost agent counts as coming back, ms. */
  windowMs: number;
}

/** Pure: the same fleet and the same want give the same answer. */
export function assess(want: Want, fleet: Fleet): Assessment {
  let present = false;
  let known = false;
  let back: number | undefined;
  let busy = false;
  const usable: Agent[] = [];
  for (const agent of fleet.agents) {
    const presence: Presence = agent.presence(fleet.now, fleet.windowMs);
    if (presence !== "offline") present = true;
    if (want.pinned !== undefined && agent.id !== want.pinned) continue;
    if (agent.model(want.model) === undefined) continue;
    known = true;
    if (!hasRoute(agent.ollamaVersion, want.since)) continue;
    if (presence === "coming_back" && agent.lostAt !== undefined) {
      // One that is draining gets no work when it is back either.
      if (!agent.record.draining) back = Math.max(back ?? 0, agent.lostAt + fleet.windowMs);
      continue;
    }
    if (agent.notRoutable(presence) === undefined) usable.push(agent);
  }
  const fresh = usable.filter((agent) => !want.avoid.has(agent.id));
  const pool = fresh.length > 0 ? fresh : usable;
  const free = want.slot ? pool.filter((agent) => agent.freeSlots() > 0) : pool;
  busy = pool.length > 0;
  const [head, ...rest] = free;
  if (head !== undefined) {
    return { kind: "choose", candidates: [head, ...rest], only: usable.length === 1 };
  }
  if (busy) return { kind: "wait", until: undefined };
  if (back !== undefined) return { kind: "wait", until: back };
  if (!present) return { kind: "refuse", refusal: { code: "no_agents" } };
  if (!known) return { kind: "refuse", refusal: { code: "model_not_found" } };
  return { kind: "refuse", refusal: { code: "model_offline" } };
}
