import type { Clock, Timer } from "../deps.ts";
import { turn } from "./turn.ts";

interface Pending {
  due: number;
  task: () => void;
}

/** Time that stands still until the test moves it; it knows every timer that somebody has forgotten. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Set<Pending>();

  constructor(start = Date.UTC(2026, 0, 31, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): Timer {
    const pending: Pending = { due: this.#now + Math.max(0, ms), task };
    this.#timers.add(pending);
    return { cancel: () => this.#timers.delete(pending) };
  }

  /** Timers that have not fired and were not cancelled. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Somebody sets the clock back; what waits goes on to wait as long as it would have. */
  setBack(ms: number): void {
    this.#now -= ms;
    for (const timer of this.#timers) timer.due -= ms;
  }

  /** Whoever waited for them is gone. */
  forget(): void {
    this.#timers.clear();
  }

  /** When the next of them fires, ms from now. */
  get next(): number | undefined {
    const due = Math.min(...[...this.#timers].map((timer) => timer.due));
    return due === Number.POSITIVE_INFINITY ? undefined : due - this.#now;
  }

  /** Lets `ms` pass: timers fire in order, each at its own time, and what each sets off comes to rest before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await turn();
      const due = [...this.#timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.due);
      due.task();
    }
    this.#now = end;
  }

  /** Lets time pass until nobody waits for it any more; throws when that takes longer than `most` ms. */
  async drain(most = 3_600_000): Promise<void> {
    const end = this.#now + most;
    await turn();
    for (let next = this.next; next !== undefined; next = this.next) {
      if (this.#now + next > end) throw new Error(`a timer is left after ${most} ms`);
      await this.advance(next);
    }
  }
}
