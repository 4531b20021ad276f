import type { Replica } from "./replica.ts";

/** A model that was not used for so long is not missed: Ollama itself lets it go after this time, ms. */
const MISSED_MS = 300_000;

/** What is asked for, besides the request that is decided about. */
export interface Demands {
  /** ms */
  readonly now: number;
  /** Requests that wait for a model. */
  waitingFor(model: string): number;
}

/** Seconds that loading a model costs, its request and others; 0 where it is in memory. */
export function loadingS(replica: Replica, numCtx: number | undefined, demands: Demands): number {
  const cost = replica.loadCost(numCtx);
  return cost === 0 ? 0 : cost + displacedS(replica, demands);
}

/**
 * Seconds that others lose when a model is loaded on a machine without room for it: what it pushes out has to be loaded again
 * if it was used lately, and who waits for that now is kept from it. Without this, every turn of another model made a machine
 * load anew, and more time went into loading than into answers. 0 when the machine does not say what memory it has.
 */
function displacedS(replica: Replica, demands: Demands): number {
  const { agent } = replica;
  if (agent.roomBytes === undefined) return 0;
  // One that is loaded anew, with another context, takes its own place.
  let room = agent.roomBytes - (agent.inMemory.has(replica) ? 0 : replica.memoryBytes);
  let lostS = 0;
  for (let last = Number.NEGATIVE_INFINITY; room < 0; ) {
    const next = longestUnused(replica, last);
    if (next === undefined) break;
    last = next.usedAt;
    for (const other of agent.inMemory) {
      if (other === replica || other.usedAt !== last) continue;
      room += other.memoryBytes;
      lostS += missedS(other, demands);
    }
  }
  return lostS;
}

/** The one to be pushed out next, after those last used at `after` or before. */
function longestUnused(replica: Replica, after: number): Replica | undefined {
  let found: Replica | undefined;
  for (const other of replica.agent.inMemory) {
    if (other === replica || other.usedAt <= after) continue;
    if (found === undefined || other.usedAt < found.usedAt) found = other;
  }
  return found;
}

function missedS(replica: Replica, { now, waitingFor }: Demands): number {
  const waiting = waitingFor(replica.model);
  if (waiting === 0 && now - replica.usedAt > MISSED_MS) return 0;
  const waitS = (waiting * (replica.serviceS ?? 0)) / Math.max(1, replica.figures.inMemory);
  return (replica.loadS ?? 0) + waitS;
}
