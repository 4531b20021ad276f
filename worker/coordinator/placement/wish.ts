import { canonicalName } from "../../../shared/lib/model-name.ts";
import type { Agent } from "../agent.ts";
import type { StoredPlacement } from "../store.ts";

const FIRST_MS = 60_000;
const MOST_MS = 3_600_000;

interface Failure {
  error: string;
  times: number;
  /** When it is tried again, ms. */
  until: number;
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

  /** When it is tried again, ms: a minute later at first, an hour later at most. */
  failed(agent: Agent, error: string, now: number): number {
    const times = (this.failures.get(agent)?.times ?? 0) + 1;
    const until = now + Math.min(MOST_MS, FIRST_MS * 2 ** (times - 1));
    this.failures.set(agent, { error, times, until });
    return until;
  }
}
