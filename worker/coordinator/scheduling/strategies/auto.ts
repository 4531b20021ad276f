import type { ChoiceReason } from "../../../../shared/api/choice-reasons.ts";
import { loadingS } from "../displacement.ts";
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
    const { want, sticky } = situation;
    if (sticky?.isWarm(want.numCtx) === true && !isStrained(sticky.agent)) {
      return { replica: sticky, reason: "sticky" };
    }
    const choice = byRules(situation);
    return patience(choice.replica, situation) ? "wait" : choice;
  },
};

/** Smaller is better; what is not known counts as the best. */
type Score = (replica: Replica, situation: Situation) => number | undefined;
type Rule = readonly [reason: ChoiceReason, Score, slack: (best: number) => number];

const exactly = (): number => 0;

/** A load that nobody has measured: next to none, but a machine that has the model comes first. */
const UNKNOWN_S = 0.001;

const loading: Score = (replica, { want }) => {
  if (replica.isLoaded(want.numCtx)) return 0;
  return replica.loadS === undefined ? UNKNOWN_S : replica.loadCost(want.numCtx);
};
const displacing: Score = (replica, situation) => loadingS(replica, situation.want.numCtx, situation);
const strain: Score = ({ agent }) => (isStrained(agent) ? 1 : 0);
const crowding: Score = ({ agent }) => agent.inFlight / (agent.slots() * agent.record.weight);
const slowness: Score = ({ speed }) => (speed.value === undefined ? undefined : -speed.value);
const turn: Score = ({ agent }) => agent.turn;

const loadSlack = (best: number): number =>
  best <= UNKNOWN_S ? 0 : Math.max(LOAD_SLACK.seconds, best * LOAD_SLACK.share);

/** Where a load is needed, what it would push out counts, too; that takes time to find out. */
const LOAD_RULE: Rule = ["loaded", displacing, loadSlack];

const RULES: readonly Rule[] = [
  ["not-strained", strain, exactly],
  ["least-loaded", crowding, exactly],
  ["fastest", slowness, (best) => Math.abs(best) * SPEED_SLACK],
  ["round-robin", turn, exactly],
];

function byRules(situation: Situation): { replica: Replica; reason: ChoiceReason } {
  const left: Replica[] = [...situation.free];
  let reason: ChoiceReason = "free-slot";
  const [costs, cheapest] = scoresOf(left, loading, situation);
  const cheap = cheapest <= UNKNOWN_S;
  if (cheap ? keep(left, costs, cheapest) : narrow(left, LOAD_RULE, situation)) [reason] = LOAD_RULE;
  for (const rule of RULES) {
    if (left.length === 1) break;
    if (narrow(left, rule, situation)) [reason] = rule;
  }
  return { replica: left[0] ?? situation.free[0], reason };
}

/** Scores, and the smallest of them. */
function scoresOf(
  left: readonly Replica[],
  score: Score,
  situation: Situation,
): [scores: (number | undefined)[], best: number] {
  let best = Number.POSITIVE_INFINITY;
  const scores = left.map((replica) => {
    const value = score(replica, situation);
    if (value !== undefined && value < best) best = value;
    return value;
  });
  return [scores, best];
}

/** Keeps those with the smallest score, and those within `slack` of it; whether any had to go. */
function narrow(left: Replica[], [, score, slack]: Rule, situation: Situation): boolean {
  const [scores, best] = scoresOf(left, score, situation);
  return keep(left, scores, best + slack(best));
}

function keep(left: Replica[], scores: readonly (number | undefined)[], most: number): boolean {
  let kept = 0;
  for (let at = 0; at < scores.length; at++) {
    const replica = left[at];
    if (replica !== undefined && (scores[at] ?? most) <= most) left[kept++] = replica;
  }
  const narrowed = kept < left.length;
  left.length = kept;
  return narrowed;
}
