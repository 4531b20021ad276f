import { FrameError } from "../frame/error.ts";

/** A quarter of a window: often enough that the sender never waits, seldom enough to cost nothing. */
const REPORT_FRACTION = 4;

/** The receiving half of one direction of a stream: what came, what was consumed, what was promised. */
export class Inbound {
  readonly #stream: number;
  #received = 0;
  #consumed = 0;
  #reported = 0;
  #window: number;
  /** Highest offset that the sender was ever allowed to reach; windows may shrink, promises may not. */
  #promised: number;
  #ended = false;

  constructor(stream: number, window: number) {
    this.#stream = stream;
    this.#window = window;
    this.#promised = window;
  }

  get received(): number {
    return this.#received;
  }
  get consumed(): number {
    return this.#consumed;
  }
  get ended(): boolean {
    return this.#ended;
  }
  /** Bytes received and not consumed. */
  get held(): number {
    return this.#received - this.#consumed;
  }

  /** @throws FrameError when the sender goes beyond what it was promised, or after its end (TN9). */
  receive(length: number): void {
    if (this.#ended) throw new FrameError(`stream ${this.#stream}: data after the end`);
    if (this.#received + length > this.#promised) {
      throw new FrameError(
        `stream ${this.#stream}: ${this.#received + length} bytes sent, ${this.#promised} allowed`,
      );
    }
    this.#received += length;
  }

  /** @throws FrameError when the sender's total is not what came: an answer is never silently short (TN11). */
  end(total: number): void {
    if (this.#ended) throw new FrameError(`stream ${this.#stream}: ended twice`);
    if (total !== this.#received) {
      throw new FrameError(`stream ${this.#stream}: ended at ${total} bytes, ${this.#received} received`);
    }
    this.#ended = true;
  }

  /** Marks `length` bytes as consumed; true when the sender should be told now. */
  consume(length: number): boolean {
    this.#consumed += length;
    if (this.#consumed > this.#received) {
      throw new Error(`stream ${this.#stream}: consumed more than received`);
    }
    return this.#consumed - this.#reported >= this.#window / REPORT_FRACTION;
  }

  /** Bytes were consumed of which the sender has not heard, and which it therefore still keeps. */
  get owing(): boolean {
    return this.#reported < this.#consumed;
  }

  /** What a CREDIT frame shall say when the window is `window` from now on. */
  report(window: number): { consumed: number; window: number } {
    this.#reported = this.#consumed;
    this.#window = window;
    this.#promised = Math.max(this.#promised, this.#consumed + window);
    return { consumed: this.#consumed, window };
  }
}
