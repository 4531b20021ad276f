import type { Deps, Timer } from "./deps.ts";

/**
 * Requests in one step. A step is three statements or a few more, and one that sums up a thousand would hold up the tokens of a
 * Node program for 30 ms.
 */
const ROLL_UP = 500;
/** Rows of a kind that go in one statement: never one huge delete. */
const PRUNE = 1_000;
/** Steps in one run: with seven statements for each of them the free plan's 50 in one run are not used up. */
const STEPS = { rollUp: 4, prune: 5 };
/** Between two steps, ms: what serves requests comes first. */
const PAUSE_MS = 50;

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
    if (this.#written >= ROLL_UP) this.#arm();
  }

  #arm(): void {
    this.#timer ??= this.#deps.clock.after(PAUSE_MS, () => {
      this.#timer = undefined;
      this.#written = 0;
      void this.#next(async () => {
        const more = await this.#rollUp();
        await this.#prune();
        if (more) this.#arm();
      });
    });
  }

  /** Some steps of each; what is left over waits for the next run. Never rejects. */
  run(): Promise<void> {
    return this.#next(async () => {
      for (let step = 0; step < STEPS.rollUp && (await this.#rollUp()); step++);
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
  async #rollUp(): Promise<boolean> {
    return (await this.#deps.history.rollUp(ROLL_UP)) >= ROLL_UP;
  }

  async #prune(): Promise<boolean> {
    return (await this.#deps.history.prune(this.#deps.clock.now(), this.#retentionDays(), PRUNE)) >= PRUNE;
  }
}
