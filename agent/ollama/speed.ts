/** What counts as "now". */
const WINDOW_MS = 5_000;
/** The first moments of a transfer say nothing of its speed. */
const FIRST_MS = 1_000;

/** The speed of a transfer over the last few seconds. */
export class Speed {
  readonly #samples: { at: number; bytes: number }[] = [];
  #bytes = 0;

  /** @param at milliseconds that never go back */
  add(bytes: number, at: number): void {
    this.#bytes += bytes;
    this.#samples.push({ at, bytes: this.#bytes });
    // One sample from before the window stays: the window begins between it and the next one.
    while ((this.#samples[1]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes per second; null before the first second. */
  get value(): number | null {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < FIRST_MS) return null;
    return ((last.bytes - first.bytes) * 1_000) / (last.at - first.at);
  }

  /** After an interruption: the time without a connection is not slowness. */
  restart(): void {
    this.#samples.length = 0;
  }
}
