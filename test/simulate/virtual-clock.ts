import type { Clock, Timer } from "../../worker/coordinator/deps.ts";
import { Heap } from "../../worker/coordinator/scheduling/heap.ts";

interface Due {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

/** Time that passes only when everything due has been done: an hour of a fleet takes as long as its decisions do. */
export class VirtualClock implements Clock {
  readonly #due = new Heap<Due>((a, b) => a.at - b.at || a.order - b.order);
  #now = 0;
  #orders = 0;

  now(): number {
    return this.#now;
  }

  /** Whole milliseconds, as real timers: a deadline that rounding puts a hair before itself would be looked at for ever. */
  after(ms: number, task: () => void): Timer {
    const due = { at: this.#now + Math.max(0, Math.ceil(ms)), order: ++this.#orders, task };
    this.#due.add(due);
    return { cancel: () => this.#due.remove(due) };
  }

  /** Until nothing is due any more, or `done` says so. */
  run(done: () => boolean): void {
    for (let due = this.#due.first; due !== undefined && !done(); due = this.#due.first) {
      this.#due.remove(due);
      this.#now = due.at;
      due.task();
    }
  }
}
