import type { Deps, Timer } from "./deps.ts";

/** After so many new requests a step is worth the rows that it writes. */
const ENOUGH = 500;
/** Rows of a kind that go in one statement: never one huge delete. */
const PRUNE = 1_000;
/** Steps in one run: four statements for the one and six for the other, of which the free plan allows 50. */
const STEPS = { rollUp: 4, prune: 5 };
/** Between two steps, ms: what serves requests comes first. */
const PAUSE_MS = 20;

/**
 * Keeps the history small: sums requests up, then deletes what is old. After so many requests that a step is worth its rows
 * written, and beside that whenever the platform's timer says so (`run`): no timer of its own keeps an idle object awake.
 */
export class Housekeeping {
  readonly #deps: Pick<Deps, "clock" | "history" | "log">;
  readonly #retentionDays: () => number;
  /** Requests written since the last step. */
  #written = 0;
  #timer: Timer | undefined;
  #working: Promise<unknown> = Promise.resolve();

  constructor(deps: Pick<Deps, "clock" | "history" | "log">, retentionDays: () => number) {
    this.#deps = deps;
    this.#retentionDays = retentionDays;
  }

  /** The history has taken requests. */
  wrote(requests: number): void {
    this.#written += requests;
    if (this.#written >= ENOUGH) this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#deps.clock.after(PAUSE_MS, () => {
      this.#timer = undefined;
      this.#written = 0;
      void this.#next(async () => {
        if (await this.#deps.history.rollUp()) this.#arm();
        else await this.#prune();
      });
    });
  }

  /** Some steps of each; what is left to sum up follows in the background, what is old waits for the next run. Never rejects. */
  run(): Promise<void> {
    return this.#next(async () => {
      let more = true;
      for (let step = 0; more && step < STEPS.rollUp; step++) more = await this.#deps.history.rollUp();
      // A history of before there were sums: whoever asks for figures reads all of it until it is summed up.
      if (more) this.#arm();
      for (let step = 0; step < STEPS.prune && (await this.#prune()); step++);
    });
  }

  /** One after the other: two at once would read the same requests, and one of them in vain. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work).catch((error: unknown) => {
      this.#deps.log.warn("history could not be summed up or pruned; tried again later", {
        error: String(error),
      });
    });
    this.#working = done;
    return done;
  }

  /** Whether there may be more. */
  async #prune(): Promise<boolean> {
    const { clock, history } = this.#deps;
    return (await history.prune(clock.now(), this.#retentionDays(), PRUNE)) >= PRUNE;
  }
}
