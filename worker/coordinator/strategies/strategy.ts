import type { Agent } from "../agent.ts";

/** Agents that could take the request now: each is online, has the model and a free slot. Never empty. */
export type Candidates = readonly [Agent, ...Agent[]];

/** One way to choose. Pure: what a choice changes (slots, turns) is the scheduler's business. */
export interface Strategy {
  /** Said to the client in `x-coordinator-reason`. */
  readonly reason: string;
  choose(candidates: Candidates): Agent;
}

/** The candidate that `before` puts first; the earlier one among equals. */
export function first(candidates: Candidates, before: (a: Agent, b: Agent) => number): Agent {
  let best = candidates[0];
  for (const candidate of candidates) {
    if (before(candidate, best) < 0) best = candidate;
  }
  return best;
}
