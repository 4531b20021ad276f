import type { Agent } from "../../agent.ts";
import { type Candidates, first, type Strategy } from "./strategy.ts";

/**
 * Turns in proportion to the machines' weights, evenly mixed: each turn costs a machine one divided by its weight, and of those
 * that are not ahead of the others the one whose next turn would end first has it (stride scheduling, Waldspurger and Weihl
 * 1995, with the eligibility of WF²Q, Bennett and Zhang 1996). So weights 4:2:1 are met within one request at any time; without
 * looking at who is ahead, a weight of 5 beside five of 1 had five turns before any other had one.
 */
export const weighted: Strategy = {
  choose: ({ free }) => ({
    replica: first(
      notAhead(free),
      ({ agent: a }, { agent: b }) => due(a) - due(b) || b.record.weight - a.record.weight || a.turn - b.turn,
    ),
    reason: "weighted",
  }),
};

/** Sums of fractions that should be equal differ by less. */
const ROUNDING = 1e-9;

/** Those that have spent no more than all have on average. */
function notAhead(free: Candidates): Candidates {
  let turns = 0;
  let weights = 0;
  for (const { agent } of free) {
    turns += agent.spent * agent.record.weight;
    weights += agent.record.weight;
  }
  const average = turns / weights + ROUNDING;
  const [head, ...rest] = free.filter(({ agent }) => agent.spent <= average);
  return head === undefined ? free : [head, ...rest];
}

/** When a turn of its would end: of two that have spent the same, the heavier one goes first. */
const due = (agent: Agent): number => agent.spent + 1 / agent.record.weight;
