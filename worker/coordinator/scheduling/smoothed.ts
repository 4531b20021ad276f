/** How much a new value counts against what was known. */
const SHARE = 0.2;

/** An exponentially smoothed measurement; the first value stands as it is. */
export class Smoothed {
  #value: number | undefined;

  get value(): number | undefined {
    return this.#value;
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#value = this.#value === undefined ? value : this.#value * (1 - SHARE) + value * SHARE;
  }

  /** Goes on from what was known before. */
  restore(value: number | undefined): void {
    this.#value = value;
  }
}
