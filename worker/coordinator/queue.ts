/** Where a request stands: lower goes first. Kept over retries, so that a lost agent costs no place. */
export interface Ticket {
  /** When it first arrived, ms; what the queue timeout counts from. */
  arrived: number;
  /** Order among those that arrived in the same millisecond of the same life of this object. */
  number: number;
}

/** Time first: after a reset of the object numbers begin anew, and a retry that it sees again would stand behind everybody. */
function isBefore(a: Ticket, b: Ticket): boolean {
  return a.arrived < b.arrived || (a.arrived === b.arrived && a.number < b.number);
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
    for (;;) {
      const ahead = this.#waiters[at - 1];
      if (ahead === undefined || !isBefore(waiter.ticket, ahead.ticket)) break;
      at--;
    }
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
