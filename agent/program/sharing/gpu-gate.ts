import type { GpuUse } from "./sensors.ts";

/** Samples above the threshold, one after the other, that make a GPU busy: a window that opens is none. */
const BUSY_SAMPLES = 2;
/** How long it has to be at rest before others may use it again, ms: a game that loads a level is not over. */
export const FREE_MS = 30_000;

/** Makes of samples that jump up and down whether the owner uses a GPU. */
export class GpuGate {
  readonly #threshold: number;
  #above = 0;
  /** Since when it has been below, ms; undefined: it is not busy, or above now. */
  #belowSince: number | undefined;
  #busy: { program: string | undefined } | undefined;

  /** @param threshold percent */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** The first program that was seen stays what is told: others that come and go are no news. */
  get busy(): { program: string | undefined } | undefined {
    return this.#busy;
  }

  /** @param use undefined: not known, which counts as nothing @param now ms */
  sample(use: GpuUse | undefined, now: number): void {
    if (use !== undefined && use.percent > this.#threshold) {
      this.#above++;
      this.#belowSince = undefined;
      if (this.#above >= BUSY_SAMPLES) this.#busy ??= { program: use.program };
      return;
    }
    this.#above = 0;
    this.#belowSince ??= now;
    if (now - this.#belowSince >= FREE_MS) this.#busy = undefined;
  }
}
