import type { Replica } from "./replica.ts";

/** A model that was not used for so long is not missed: Ollama itself lets it go after this time, ms. */
const MISSED_MS = 300_000;
const MB = 1024 * 1024;

export interface Demands {
  /** ms */
  readonly now: number;
  /** Requests that wait for a model. */
  waitingFor(model: string): number;
}

/** Seconds that loading a model costs, it and others; 0 where it is in memory. */
export function loadingS(replica: Replica, numCtx: number | undefined, demands: Demands): number {
  return replica.isWarm(numCtx) ? 0 : replica.loadCost(numCtx) + displacedS(replica, demands);
}

/**
 * Seconds that others lose when a model is loaded on a machine without room for it: what it pushes out has to be loaded again
 * if it was used lately, and who waits for that now is kept from it. Without it, every turn of another model made a machine load
 * anew, and more time went into loading than into answers. 0 when the machine does not say what memory it has.
 */
function displacedS(replica: Replica, { now, waitingFor }: Demands): number {
  const { agent } = replica;
  if (agent.inMemory.size === 0) return 0;
  let room = -(replica.entry.size ?? 0);
  for (const { memory_total_mb = 0 } of agent.state.gpus ?? []) room += memory_total_mb * MB;
  if (room === -(replica.entry.size ?? 0)) return 0;
  for (const other of agent.inMemory) room -= memoryOf(other);
  if (room >= 0) return 0;
  let lostS = 0;
  const others = [...agent.inMemory].filter((other) => other !== replica);
  for (const other of others.sort((a, b) => a.usedAt - b.usedAt)) {
    if (room >= 0) break;
    room += memoryOf(other);
    const waiting = waitingFor(other.model);
    if (waiting === 0 && now - other.usedAt > MISSED_MS) continue;
    lostS += (other.loadS ?? 0) + (waiting * (other.serviceS ?? 0)) / Math.max(1, other.figures.inMemory);
  }
  return lostS;
}

function memoryOf({ loaded, entry }: Replica): number {
  return loaded?.size_vram ?? loaded?.size ?? entry.size ?? 0;
}
