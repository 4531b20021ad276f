/** Where a request stands: lower goes first. Kept over retries, so that a lost agent costs no place. */
export interface Ticket {
  /** When it first arrived, ms; what the queue timeout counts from. */
  arrived: number;
  /** Order of arrival. */
  number: number;
}

interface Ticketed {
  readonly ticket: Ticket;
}

/** Requests that wait for an agent, in the order in which they are tried. */
export interface WaitingLine<Waiter extends Ticketed> extends Iterable<Waiter> {
  readonly length: number;
  add(waiter: Waiter): void;
  remove(waiter: Waiter): void;
}

/** First come, first served. */
export class FifoLine<Waiter extends Ticketed> implements WaitingLine<Waiter> {
  readonly #waiters: Waiter[] = [];

  get length(): number {
    return this.#waiters.length;
  }

  add(waiter: Waiter): void {
    // A retry comes with its old ticket and belongs near the front; everybody else belongs at the end.
    let at = this.#waiters.length;
    while (at > 0 && (this.#waiters[at - 1]?.ticket.number ?? 0) > waiter.ticket.number) at--;
    this.#waiters.splice(at, 0, waiter);
  }

  remove(waiter: Waiter): void {
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.#waiters[Symbol.iterator]();
  }
}
