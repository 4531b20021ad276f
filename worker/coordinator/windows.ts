import { windowFor } from "../../shared/protocol/limits.ts";

/**
 * The window of each open stream, so that all together never pass the total. Steps at powers of two: streams come and go
 * all the time, and a step down has to be told to every agent.
 */
export class Windows {
  #streams = 0;
  readonly #shrunk: () => void;

  /** @param shrunk called when the window takes a step down */
  constructor(shrunk: () => void) {
    this.#shrunk = shrunk;
  }

  get streams(): number {
    return this.#streams;
  }

  /** Bytes. */
  readonly current = (): number => windowFor(step(this.#streams));

  opened(): void {
    const before = this.current();
    this.#streams++;
    if (this.current() < before) this.#shrunk();
  }

  closed(): void {
    this.#streams--;
  }
}

/** The next power of two. */
function step(streams: number): number {
  return streams <= 1 ? 1 : 2 ** Math.ceil(Math.log2(streams));
}
