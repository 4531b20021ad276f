import type { Clock } from "../clock.ts";

/** Waiting that ends at once when all of it is to stop. */
export class Patience {
  readonly #clock: Clock;
  readonly #stop = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborted by `stop`. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get over(): boolean {
    return this.#stop.signal.aborted;
  }

  stop(): void {
    this.#stop.abort();
  }

  wait(ms: number): Promise<void> {
    if (this.over) return Promise.resolve();
    return new Promise((resolve) => {
      const stopped = (): void => {
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(ms, () => {
        this.signal.removeEventListener("abort", stopped);
        resolve();
      });
      this.signal.addEventListener("abort", stopped, { once: true });
    });
  }
}
