import type { Agent } from "../agent.ts";
import { loadingS } from "./displacement.ts";
import type { Replica } from "./replica.ts";
import type { Situation } from "./strategies/strategy.ts";

/** A busy machine must promise to be this much sooner, as a share of the time: what is expected is not certain. */
const MARGIN = 0.1;
/**
 * So much later it may be when it has the model and the free one would have to load it. Two loads of a model within seconds of
 * each other save the second request little, keep a machine from everybody meanwhile, and push out what others ask for next.
 * Not for one that would have to load it as well: two such machines each waited for the other for as long as both were wanted.
 */
const LOAD_MARGIN = 0.25;

/**
 * Whether a request does better to wait for a busy machine than to go to the best of the free ones, which would have to load the
 * model first or is slow: it does when the busy ones are expected to have answered everybody who waits for this model, it
 * included, before the free one were done. Without measurements nobody waits.
 */
export function patience(chosen: Replica, situation: Situation): boolean {
  const { want, busy, waiting } = situation;
  const serviceS = chosen.serviceS;
  if (busy.length === 0 || serviceS === undefined) return false;
  const loadS = loadingS(chosen, want.numCtx, situation);
  let answered = 0;
  for (const replica of busy) {
    const laterS = loadingS(replica, want.numCtx, situation);
    const margin = loadS > 0 && laterS === 0 ? LOAD_MARGIN : -MARGIN;
    answered += answersWithin((loadS + serviceS) * (1 + margin) - laterS, replica, situation.now);
    if (answered >= waiting) return true;
  }
  return false;
}

/** How many requests that wait now a busy machine will have answered in that time; negative is no time at all. */
function answersWithin(horizonS: number, replica: Replica, now: number): number {
  const serviceS = replica.serviceS;
  if (serviceS === undefined || serviceS <= 0) return 0;
  let answered = 0;
  for (const freeS of slotsFreeIn(replica.agent, now)) {
    answered += Math.max(0, Math.floor((horizonS - freeS) / serviceS));
  }
  return answered;
}

/** When each slot of a machine is expected to be free, seconds from now. */
function slotsFreeIn(agent: Agent, now: number): number[] {
  const free: number[] = [];
  for (const { replica, since, loadS } of agent.running) {
    const expectedS = replica.serviceS;
    if (expectedS === undefined) continue;
    const elapsedS = (now - since) / 1_000;
    const leftS = expectedS + loadS - elapsedS;
    // One that takes longer than expected says ever less of when it will end: half as long again, whatever has passed.
    free.push(leftS > 0 ? leftS : elapsedS / 2);
  }
  return free;
}
