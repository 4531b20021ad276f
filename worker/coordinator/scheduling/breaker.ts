import type { BREAKER_STATES } from "../../../shared/api/agents.ts";

/** Failures in a row after which a replica gets no more work. */
const MOST_FAILURES = 5;
/** Time until one request may try it again, ms: doubling with every probe that fails. */
const REST_MS = { first: 10_000, most: 300_000 };

/** `half_open`: its rest is over, and one request may try it. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/**
 * Keeps work from a model on a machine that fails again and again: a machine that answers its errors at once would otherwise
 * look idle and be chosen for everything.
 */
export class Breaker {
  #failures = 0;
  #restMs = 0;
  #until: number | undefined;
  #probing = false;

  get failures(): number {
    return this.#failures;
  }

  /** When a probe is due, ms; undefined while it is closed. */
  get until(): number | undefined {
    return this.#until;
  }

  state(now: number): BreakerState {
    if (this.#until === undefined) return "closed";
    return now < this.#until ? "open" : "half_open";
  }

  /** Whether a request may go there now. */
  allows(now: number): boolean {
    return this.#until === undefined || (now >= this.#until && !this.#probing);
  }

  /**
   * A request goes there.
   * @returns whether it is the probe: its end alone says how the probe went
   */
  enter(now: number): boolean {
    if (this.#until === undefined || now < this.#until || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#until = undefined;
    this.#probing = false;
  }

  /** @param probe what `enter` has said of it */
  failed(now: number, probe: boolean): void {
    this.#failures++;
    if (probe) this.#probing = false;
    if (this.#failures < MOST_FAILURES) return;
    // One of before it opened says nothing that is not known; its rest is for the probe to lengthen.
    if (this.#until !== undefined && !probe) return;
    this.#restMs = this.#until === undefined ? REST_MS.first : Math.min(REST_MS.most, this.#restMs * 2);
    this.#until = now + this.#restMs;
  }

  /** It ended without saying anything about the machine: a client that left, an error of its own. */
  unsettled(probe: boolean): void {
    if (probe) this.#probing = false;
  }
}
