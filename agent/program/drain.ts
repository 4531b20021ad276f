import type { Clock } from "../core/clock.ts";

/** Longer than almost every answer; an update can wait for another day. */
export const DRAIN_MS = 900_000;

export interface DrainOptions {
  clock: Clock;
  running(): number;
  /** Called with true when no new work may come, with false when it may again. */
  hold(held: boolean): void;
}

/** Sees to it that nothing runs while Ollama is replaced. */
export class Drain {
  readonly #options: DrainOptions;
  #waiting: (() => void) | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** The number of running requests has changed. */
  runningChanged(): void {
    if (this.#options.running() === 0) this.#waiting?.();
  }

  /** Resolves, when nothing runs any more, with what lets work in again. @throws when that takes too long or is cancelled */
  async begin(signal: AbortSignal): Promise<() => void> {
    const { clock, hold, running } = this.#options;
    hold(true);
    if (running() === 0) return () => hold(false);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const tooLong = `${running()} requests still run after ${DRAIN_MS / 60_000} minutes: try again later`;
    const cancel = clock.after(DRAIN_MS, () => reject(new Error(tooLong)));
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    this.#waiting = resolve;
    try {
      await promise;
    } catch (error) {
      hold(false);
      throw error;
    } finally {
      cancel();
      signal.removeEventListener("abort", aborted);
      this.#waiting = undefined;
    }
    return () => hold(false);
  }
}
