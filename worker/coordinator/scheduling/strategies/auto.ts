import { patience } from "../patience.ts";
import type { Replica } from "../replica.ts";
import { isStrained, type Situation, type Strategy } from "./strategy.ts";

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
    if (known?.isWarm(want.numCtx) === true && !isStrained(known.agent)) {
      return { replica: known, reason: "sticky" };
    }
    const choice = byRules(situation);
    return patience(choice.replica, situation) ? "wait" : choice;
  },
};

/** Smaller is better; what is not known counts as the best. */
type Score = (replica: Replica, numCtx: number | undefined) => number | undefined;

const loading: Score = (replica, numCtx) => replica.loadCost(numCtx);
const strain: Score = ({ agent }) => (isStrained(agent) ? 1 : 0);
const crowding: Score = ({ agent }) => agent.inFlight / (agent.slots() * agent.record.weight);
const slowness: Score = ({ speed }) => (speed.value === undefined ? undefined : -speed.value);
const turn: Score = ({ agent }) => agent.turn;
/** Nobody has had a turn yet: one that has it in memory for certain, before one that may take long. */
const uncertainty: Score = (replica, numCtx) => (replica.isWarm(numCtx) ? 0 : 1);

const RULES: readonly (readonly [reason: string, Score, slack: (best: number) => number])[] = [
  ["loaded", loading, (best) => (best === 0 ? 0 : Math.max(LOAD_SLACK.seconds, best * LOAD_SLACK.share))],
  ["not-strained", strain, () => 0],
  ["least-loaded", crowding, () => 0],
  ["fastest", slowness, (best) => Math.abs(best) * SPEED_SLACK],
  ["round-robin", turn, () => 0],
  ["loaded", uncertainty, () => 0],
];

function byRules({ want, free }: Situation): { replica: Replica; reason: string } {
  const left: Replica[] = [...free];
  let reason = "free-slot";
  for (const [name, score, slack] of RULES) {
    if (left.length === 1) break;
    if (narrow(left, score, slack, want.numCtx)) reason = name;
  }
  return { replica: left[0] ?? free[0], reason };
}

/** Keeps those with the smallest score, and those within `slack` of it; whether any had to go. */
function narrow(
  left: Replica[],
  score: Score,
  slack: (best: number) => number,
  numCtx: number | undefined,
): boolean {
  const scores = left.map((replica) => score(replica, numCtx));
  let best = Number.POSITIVE_INFINITY;
  for (const each of scores) if (each !== undefined) best = Math.min(best, each);
  const most = best + slack(best);
  let kept = 0;
  for (let at = 0; at < scores.length; at++) {
    const replica = left[at];
    if (replica !== undefined && (scores[at] ?? best) <= most) left[kept++] = replica;
  }
  const narrowed = kept < left.length;
  left.length = kept;
  return narrowed;
}
