import type { Clock } from "../clock.ts";

/** One deadline that moves: activity only notes the time, and the timer looks at it when it fires. */
export class Watch {
  readonly #clock: Clock;
  readonly #expired: () => void;
  #limitMs = 0;
  #since = 0;
  #held = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, expired: () => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** From now on, silence longer than `limitMs` expires the watch. */
  limit(limitMs: number): void {
    this.#limitMs = limitMs;
    this.#since = this.#clock.now();
    this.#arm(limitMs);
  }

  touch(): void {
    this.#since = this.#clock.now();
  }

  /** While held, silence is somebody else's: a slow client, an upload that pauses. */
  hold(held: boolean): void {
    this.#held = held;
    this.#since = this.#clock.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms, this.#fire);
  }

  readonly #fire = (): void => {
    const left = this.#held ? this.#limitMs : this.#limitMs - (this.#clock.now() - this.#since);
    if (left <= 0) {
      this.#cancel = undefined;
      this.#expired();
    } else {
      this.#arm(left);
    }
  };
}
