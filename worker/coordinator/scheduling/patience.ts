import type { Agent } from "../agent.ts";
import { loadingS } from "./displacement.ts";
import type { Replica } from "./replica.ts";
import type { Situation } from "./strategies/strategy.ts";

/** A busy machine must promise to be this much sooner than a slow one that is free, as a share of the time: what is expected is not certain. */
const MARGIN = 0.1;
/**
 * So much later it may be than one that would have to load the model first. Two loads of a model within seconds of each other save
 * the second request little, keep a machine from everybody meanwhile, and push out what others ask for next.
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
  const horizonS = (loadS + serviceS) * (loadS > 0 ? 1 + LOAD_MARGIN : 1 - MARGIN);
  let answered = 0;
  for (const replica of busy) {
    answered += answersWithin(horizonS, replica, situation);
    if (answered >= waiting) return true;
  }
  return false;
}

/** How many requests that wait now a busy machine will have answered in that time. */
function answersWithin(horizonS: number, replica: Replica, situation: Situation): number {
  const serviceS = replica.serviceS;
  if (serviceS === undefined || serviceS <= 0) return 0;
  const loadS = loadingS(replica, situation.want.numCtx, situation);
  let answered = 0;
  for (const freeS of slotsFreeIn(replica.agent, situation.now)) {
    answered += Math.max(0, Math.floor((horizonS - freeS - loadS) / serviceS));
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
