/** Departures that count: recent ones say more than old ones. */
const KEPT = 32;

/** How fast a line gets shorter, measured while somebody stands in it. */
export class DrainRate {
  #since: number;
  #departures: number[] = [];

  /** @param now when the first came to stand in it, ms */
  constructor(now: number) {
    this.#since = now;
  }

  departed(now: number): void {
    this.#departures.push(now);
    if (this.#departures.length > KEPT) this.#since = this.#departures.shift() ?? now;
  }

  /** Departures per second; undefined until there was one. Falls while nobody leaves. */
  perSecond(now: number): number | undefined {
    if (this.#departures.length === 0) return undefined;
    return (this.#departures.length * 1_000) / Math.max(1, now - this.#since);
  }
}
