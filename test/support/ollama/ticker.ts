/**
 * One timer for all waits: 200 streams of 50 tokens a second would otherwise start 10,000 timers a
 * second. A hashed wheel with one slot per millisecond; what is due later than one turn stays for the next.
 */
const SLOTS = 1024;

interface Entry {
  readonly tick: number;
  readonly wake: () => void;
}

export class Ticker {
  readonly #slots: Entry[][] = Array.from({ length: SLOTS }, () => []);
  #waiting = 0;
  /** The last tick whose slot was emptied. */
  #passed = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  /** Resolves at `due`, a time of performance.now(). */
  until(due: number): Promise<void> {
    return new Promise((resolve) => this.#add(due, resolve));
  }

  #add(due: number, wake: () => void): void {
    if (this.#waiting === 0) this.#passed = Math.floor(performance.now());
    const tick = Math.max(Math.ceil(due), this.#passed + 1);
    this.#slots[tick % SLOTS]?.push({ tick, wake });
    this.#waiting++;
    if (tick < this.#armedFor) this.#arm(tick);
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedFor = tick;
    this.#timer = setTimeout(this.#turn, Math.max(1, tick - performance.now()));
    // The listening server keeps the process alive; waits of cancelled requests must not.
    this.#timer.unref();
  }

  readonly #turn = (): void => {
    const now = Math.floor(performance.now());
    const due: Entry[] = [];
    for (let tick = Math.max(this.#passed + 1, now - SLOTS + 1); tick <= now; tick++) {
      const index = tick % SLOTS;
      const slot = this.#slots[index];
      if (!slot?.length) continue;
      const later: Entry[] = [];
      for (const entry of slot) (entry.tick <= now ? due : later).push(entry);
      this.#slots[index] = later;
    }
    this.#passed = now;
    this.#waiting -= due.length;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    for (const entry of due) entry.wake();
    if (this.#waiting > 0) this.#armNext();
  };

  #armNext(): void {
    for (let ahead = 1; ahead <= SLOTS; ahead++) {
      const tick = this.#passed + ahead;
      if (!this.#slots[tick % SLOTS]?.length) continue;
      if (tick < this.#armedFor) this.#arm(tick);
      return;
    }
  }
}
