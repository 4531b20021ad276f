import { FakeClock } from "./fake-clock.ts";

/** Time-outs wait for a test to let time pass; every other wait is noted and over at once. */
export class ImpatientClock extends FakeClock {
  /** Milliseconds, in order. */
  readonly waits: number[] = [];
  readonly #timeouts: ReadonlySet<number>;

  constructor(...timeouts: number[]) {
    super();
    this.#timeouts = new Set(timeouts);
  }

  override after(ms: number, task: () => void): () => void {
    const cancel = super.after(ms, task);
    if (!this.#timeouts.has(ms)) {
      this.waits.push(ms);
      setImmediate(() => this.advance(ms));
    }
    return cancel;
  }
}
