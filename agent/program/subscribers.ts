import type { Clock } from "../core/clock.ts";

/** A person sees no more than this; a pull reports many more. */
const EVERY_MS = 250;

/** Tells those who listen what is new: the first time at once, then at most four times a second, and nothing twice. */
export class Subscribers<T> {
  readonly #clock: Clock;
  readonly #current: () => T;
  readonly #listeners = new Set<(value: T) => void>();
  #cancel: (() => void) | undefined;
  #again = false;
  #told = "";

  constructor(clock: Clock, current: () => T) {
    this.#clock = clock;
    this.#current = current;
  }

  add(listener: (value: T) => void): () => void {
    // Wrapped, so that the same function may listen twice.
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    // It has seen what holds now, which may be other than what the others heard last.
    this.#told = "";
    return () => {
      this.#listeners.delete(own);
    };
  }

  changed(): void {
    if (this.#listeners.size === 0) return;
    if (this.#cancel !== undefined) {
      this.#again = true;
      return;
    }
    this.#tell();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#listeners.clear();
  }

  #tell(): void {
    this.#again = false;
    this.#cancel = this.#clock.after(EVERY_MS, () => {
      this.#cancel = undefined;
      if (this.#again && this.#listeners.size > 0) this.#tell();
    });
    const value = this.#current();
    const json = JSON.stringify(value);
    if (json === this.#told) return;
    this.#told = json;
    for (const listener of [...this.#listeners]) listener(value);
  }
}
