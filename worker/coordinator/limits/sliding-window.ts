import { z } from "zod";

/** Into how many entries a window is cut at most: its resolution, and what it costs to keep and to save. */
const ENTRIES = 240;

const MOST_MS = 8.64e15;

/** `[time, amount]`, oldest first; times are ms since the epoch. */
export const savedWindow = z.array(z.tuple([z.number().min(0).max(MOST_MS), z.number().positive()]));
export type SavedWindow = z.infer<typeof savedWindow>;

interface Entry {
  /** When its first amount came. */
  readonly start: number;
  /** When its latest came: all of it counts from then, so that nothing leaves the window early. */
  time: number;
  amount: number;
}

/**
 * How much came in the last `windowMs`, at any moment and not by the clock's minutes. Amounts closer together than a 240th of
 * the window are one entry; those further apart are counted to the millisecond.
 */
export class SlidingWindow {
  readonly #windowMs: number;
  readonly #entries: Entry[] = [];
  #sum = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  static restore(windowMs: number, saved: SavedWindow, now: number): SlidingWindow {
    const window = new SlidingWindow(windowMs);
    for (const [time, amount] of [...saved].sort(([a], [b]) => a - b)) {
      // When its first amount came is not saved: nothing joins it, or an entry could grow from one restart to the next.
      window.#entries.push({ start: Number.NEGATIVE_INFINITY, time, amount });
      window.#sum += amount;
    }
    window.#forget(now);
    return window;
  }

  add(now: number, amount: number): void {
    this.#forget(now);
    if (amount <= 0) return;
    this.#sum += amount;
    const last = this.#entries.at(-1);
    if (last === undefined || now - last.start >= this.#windowMs / ENTRIES) {
      this.#entries.push({ start: now, time: now, amount });
      return;
    }
    last.time = now;
    last.amount += amount;
  }

  /** What counts at `now`. */
  sum(now: number): number {
    this.#forget(now);
    return this.#sum;
  }

  /** When `need` more will fit under `limit`, ms since the epoch; `now` when it does already. Of a need above the limit: when all else is gone. */
  freeAt(now: number, limit: number, need: number): number {
    const most = Math.max(0, limit - need);
    let left = this.sum(now);
    if (left <= most) return now;
    for (const { time, amount } of this.#entries) {
      left -= amount;
      if (left <= most) return time + this.#windowMs;
    }
    return now;
  }

  saved(): SavedWindow {
    return this.#entries.map(({ time, amount }) => [time, amount]);
  }

  #forget(now: number): void {
    // A clock that was put back: what seems to come from the future came at the latest now. It would block until then, else.
    let future = 0;
    for (
      let last = this.#entries.at(-1);
      last !== undefined && last.time > now;
      last = this.#entries.at(-1)
    ) {
      future += last.amount;
      this.#entries.pop();
    }
    if (future > 0) this.#entries.push({ start: now, time: now, amount: future });
    let gone = 0;
    for (const { time, amount } of this.#entries) {
      if (now - time < this.#windowMs) break;
      this.#sum -= amount;
      gone++;
    }
    this.#entries.splice(0, gone);
  }
}
