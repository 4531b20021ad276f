import { loadingS } from "../displacement.ts";
import { patience } from "../patience.ts";
import type { Replica } from "../replica.ts";
import { type Candidates, isStrained, least, type Situation, type Strategy } from "./strategy.ts";

/** Machines whose measured speeds differ by less count as equally fast: no two runs of one machine measure the same. */
const SPEED_SLACK = 0.2;
/** So do two loads whose seconds differ by less. */
const LOAD_SLACK = { share: 0.2, seconds: 0.5 };

/**
 * Rules, the first that tells candidates apart counting most: as little loading as possible, no strain, few requests per slot
 * and weight, speed, and turns among equals. Before all of them: the machine that has the conversation in its cache. After all of
 * them: whether a machine that is busy would be done with it sooner, load and speed considered.
 */
export const auto: Strategy = {
  choose(situation) {
    const { want, sticky, free } = situation;
    const known = sticky === undefined ? undefined : free.find(({ agent }) => agent === sticky);
    if (known?.isWarm(want.numCtx) === true && !isStrained(known.agent))
      return { replica: known, reason: "sticky" };
    const choice = byRules(situation);
    return patience(choice.replica, situation) ? "wait" : choice;
  },
};

function byRules(situation: Situation): { replica: Replica; reason: string } {
  const { want } = situation;
  let left: Candidates = situation.free;
  let reason = "round-robin";
  const rules: [string, (candidates: Candidates) => Candidates][] = [
    ["loaded", (all) => leastLoading(all, situation)],
    ["not-strained", (all) => least(all, ({ agent }) => (isStrained(agent) ? 1 : 0))],
    [
      "least-loaded",
      (all) => least(all, ({ agent }) => agent.inFlight / (agent.slots() * agent.record.weight)),
    ],
    ["fastest", fastest],
    ["round-robin", (all) => least(all, ({ agent }) => agent.turn)],
    // Nobody has had a turn yet: one that has it in memory for certain, before one that may take long.
    ["loaded", (all) => least(all, (replica) => (replica.isWarm(want.numCtx) ? 0 : 1))],
  ];
  for (const [name, rule] of rules) {
    const before = left.length;
    if (before === 1) break;
    left = rule(left);
    if (left.length < before) reason = name;
  }
  return { replica: left[0], reason };
}

function leastLoading(all: Candidates, situation: Situation): Candidates {
  const { numCtx } = situation.want;
  const [head, ...rest] = all.filter((replica) => replica.loadCost(numCtx) === 0);
  return least(
    // What a load would push out matters only where one is needed, and is what takes time to find out.
    head === undefined ? all : [head, ...rest],
    (replica) => loadingS(replica, numCtx, situation),
    (smallest) => (smallest === 0 ? 0 : Math.max(LOAD_SLACK.seconds, smallest * LOAD_SLACK.share)),
  );
}

/** One that was never measured may be the fastest. */
function fastest(all: Candidates): Candidates {
  let best = 0;
  for (const { speed } of all) best = Math.max(best, speed.value ?? 0);
  return least(all, ({ speed }) => ((speed.value ?? best) >= best * (1 - SPEED_SLACK) ? 0 : 1));
}
