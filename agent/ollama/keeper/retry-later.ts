import type { Clock } from "../../core/clock.ts";

/**
 * After an install that nobody watches has failed for good: the network may come back. Twice as long after each failure, for
 * one that fails at the end of its download costs gigabytes.
 */
const RETRY_MS = 600_000;
const RETRY_DOUBLINGS = 6;

/** Tries again later and later. */
export class RetryLater {
  readonly #clock: Clock;
  readonly #retry: () => void;
  #failures = 0;
  #cancel: () => void = () => {};

  constructor(clock: Clock, retry: () => void) {
    this.#clock = clock;
    this.#retry = retry;
  }

  failed(): void {
    this.#cancel();
    const inMs = RETRY_MS * 2 ** Math.min(this.#failures, RETRY_DOUBLINGS);
    this.#failures += 1;
    this.#cancel = this.#clock.after(inMs, this.#retry);
  }

  stop(): void {
    this.#cancel();
  }
}
