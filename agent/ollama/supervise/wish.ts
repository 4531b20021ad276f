import type { Clock } from "../../core/clock.ts";

/** Something that is asked for once, from outside; who waits for it for a while leaves nothing behind. */
export class Wish {
  readonly #waiting = new Set<() => void>();
  #isMade = false;

  get isMade(): boolean {
    return this.#isMade;
  }

  make(): void {
    this.#isMade = true;
    for (const task of this.#waiting) task();
    this.#waiting.clear();
  }

  /** Runs `task` when it is made; the function returned prevents that. One that was made already is for the caller to see. */
  when(task: () => void): () => void {
    this.#waiting.add(task);
    return () => {
      this.#waiting.delete(task);
    };
  }

  /** Resolves after `ms`, or when it is made. */
  within(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isMade) return resolve();
      const forget = this.when(() => {
        cancel();
        resolve();
      });
      const cancel = clock.after(ms, () => {
        forget();
        resolve();
      });
    });
  }
}
