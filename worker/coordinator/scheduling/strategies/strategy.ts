import type { ChoiceReason } from "../../../../shared/api/choice-reasons.ts";
import type { Agent } from "../../agent.ts";
import type { Demands } from "../displacement.ts";
import type { Replica } from "../replica.ts";
import type { Want } from "../want.ts";

/** Machines that could take the request now: each is online, has the model and a free slot. Never empty. */
export type Candidates = readonly [Replica, ...Replica[]];

/** What a choice is made from. */
export interface Situation extends Demands {
  readonly want: Want;
  readonly free: Candidates;
  /** Machines that could take it when a slot of theirs becomes free. */
  readonly busy: readonly Replica[];
  /** Requests that wait for this model, this one counted. */
  readonly waiting: number;
  /** The machine that has answered this conversation before and runs still, if it has a free slot. */
  readonly sticky: Replica | undefined;
}

/** `reason` is said to the client in `x-coordinator-reason`; `wait`: a busy machine will be done with it sooner than any free one. */
export type Choice = { replica: Replica; reason: ChoiceReason } | "wait";

/** One way to choose. Pure: what a choice changes (slots, turns) is the scheduler's business. */
export interface Strategy {
  choose(situation: Situation): Choice;
}

/** The candidate that `before` puts first; the earlier one among equals. */
export function first(candidates: Candidates, before: (a: Replica, b: Replica) => number): Replica {
  let best = candidates[0];
  for (const candidate of candidates) {
    if (before(candidate, best) < 0) best = candidate;
  }
  return best;
}

/** Above this share of CPU or memory a machine's owner is likely to be at it. Percent. */
const STRAINED_PERCENT = 80;

export function isStrained(agent: Agent): boolean {
  const { cpu_usage = 0, memory_usage = 0 } = agent.state;
  return cpu_usage > STRAINED_PERCENT || memory_usage > STRAINED_PERCENT;
}
