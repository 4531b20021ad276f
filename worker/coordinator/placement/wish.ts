import { canonicalName } from "../../../shared/lib/model-name.ts";
import type { Agent } from "../agent.ts";
import type { StoredPlacement } from "../store.ts";

const FIRST_MS = 60_000;
const MOST_MS = 3_600_000;
/** After so many failures in a row nobody tries again by the clock: a timer that never rests keeps a coordinator awake for ever. */
const MOST_TRIES = 8;

interface Failure {
  error: string;
  times: number;
  /** When it is tried again, ms; infinite: not by the clock. */
  until: number;
  /** The machine had no room, then or since. */
  lackedRoom: boolean;
}

/** That a model is kept on so many machines, and where that has failed. */
export class Wish {
  readonly stored: StoredPlacement;
  readonly canonical: string;
  /** Forgotten with the wish: who wishes anew wants it tried anew. */
  readonly failures = new WeakMap<Agent, Failure>();

  constructor(stored: StoredPlacement) {
    this.stored = stored;
    this.canonical = canonicalName(stored.model);
  }

  get replicas(): number {
    return this.stored.replicas;
  }
  /** Not every machine may have it. */
  get narrowed(): boolean {
    return this.stored.agents !== null || this.stored.tags !== null;
  }

  allows(agent: Agent): boolean {
    const { agents, tags } = this.stored;
    return (
      (agents === null || agents.includes(agent.id)) &&
      (tags === null || tags.some((tag) => agent.record.tags.includes(tag)))
    );
  }

  /** When it is tried again, ms: a minute later at first, an hour later at most, and in the end not by itself. */
  failed(agent: Agent, error: string, now: number, room: boolean): number {
    const times = (this.failures.get(agent)?.times ?? 0) + 1;
    const pause =
      times < MOST_TRIES ? Math.min(MOST_MS, FIRST_MS * 2 ** (times - 1)) : Number.POSITIVE_INFINITY;
    const until = now + pause;
    this.failures.set(agent, { error, times, until, lackedRoom: !room });
    return until;
  }

  /**
   * Where it was given up it is tried again when the machine is there anew, or has the room that it lacked. Another free disk
   * alone is no reason: downloads that fail change that themselves, and would go on for ever.
   */
  changed(agent: Agent, anew: boolean, hasRoom: () => boolean): void {
    const failure = this.failures.get(agent);
    if (failure?.until !== Number.POSITIVE_INFINITY) return;
    if (anew) this.failures.delete(agent);
    else if (!hasRoom()) failure.lackedRoom = true;
    else if (failure.lackedRoom) this.failures.delete(agent);
  }
}
