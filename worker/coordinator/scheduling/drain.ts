import { DrainRate } from "./drain-rate.ts";

/** While nothing has been measured a client is told to come again after this, seconds. */
const UNKNOWN_S = 5;
/** And at most after this. */
const MOST_S = 600;

/** How many wait for each model, and how fast they get fewer. */
export class Drain {
  readonly #models = new Map<string, { waiting: number; rate: DrainRate }>();

  /** Models that somebody waits for, and how many do. */
  *[Symbol.iterator](): Iterator<[model: string, waiting: number]> {
    for (const [model, { waiting }] of this.#models) yield [model, waiting];
  }

  waiting(model: string): number {
    return this.#models.get(model)?.waiting ?? 0;
  }

  /** @param now ms */
  entered(model: string, now: number): void {
    const known = this.#models.get(model);
    if (known === undefined) this.#models.set(model, { waiting: 1, rate: new DrainRate(now) });
    else known.waiting++;
  }

  /** One has been given its place; it is still to leave. */
  served(model: string, now: number): void {
    this.#models.get(model)?.rate.departed(now);
  }

  left(model: string): void {
    const known = this.#models.get(model);
    if (known === undefined) return;
    known.waiting--;
    if (known.waiting === 0) this.#models.delete(model);
  }

  /** Requests of this model served per second, as measured since somebody waits for it; undefined: none was yet. */
  perSecond(model: string, now: number): number | undefined {
    return this.#models.get(model)?.rate.perSecond(now);
  }

  /** Seconds until one more can wait. */
  roomInS(now: number): number {
    let perSecond = 0;
    for (const { rate } of this.#models.values()) perSecond += rate.perSecond(now) ?? 0;
    return perSecond > 0 ? rounded(1 / perSecond) : UNKNOWN_S;
  }

  /** Seconds until all who wait for a model now will have been served; undefined: not known. */
  emptyInS(model: string, now: number): number | undefined {
    const known = this.#models.get(model);
    const perSecond = known?.rate.perSecond(now);
    return known === undefined || perSecond === undefined ? undefined : rounded(known.waiting / perSecond);
  }
}

function rounded(seconds: number): number {
  return Math.min(MOST_S, Math.max(1, Math.ceil(seconds)));
}
