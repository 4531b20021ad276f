import type { Clock } from "../core/clock.ts";
import type { Progress } from "./progress.ts";
import { Speed } from "./speed.ts";

const REPORT_EVERY_MS = 250;

/** Turns byte counts into progress, at most four times a second, with the speed of the last few seconds. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #total: number | null;
  readonly #report: (progress: Progress) => void;
  readonly #speed = new Speed();
  /** Bytes that the speed knows of. */
  #counted = 0;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #done = 0;

  constructor(clock: Clock, total: number | null, report: (progress: Progress) => void) {
    this.#clock = clock;
    this.#total = total;
    this.#report = report;
  }

  /** Bytes that were there already: they count as done, and not as speed. */
  startAt(bytes: number): void {
    this.#done = bytes;
    this.#speed.restart();
    this.#count(bytes, bytes);
    this.#reportedAt = this.#clock.now();
    this.#report(this.progress());
  }

  /** All bytes that are there now. */
  reached(bytes: number): void {
    if (bytes < this.#done) {
      this.startAt(bytes);
      return;
    }
    this.#done = bytes;
    const now = this.#clock.now();
    if (now - this.#reportedAt < REPORT_EVERY_MS && bytes !== this.#total) return;
    this.#reportedAt = now;
    this.#count(this.#counted, bytes);
    this.#report(this.progress());
  }

  progress(): Progress {
    const speed = this.#speed.value;
    const left = this.#total === null ? null : Math.max(0, this.#total - this.#done);
    return {
      done_bytes: this.#done,
      total_bytes: this.#total,
      bytes_per_s: speed,
      eta_s: speed === null || speed === 0 || left === null ? null : left / speed,
    };
  }

  #count(from: number, to: number): void {
    this.#speed.add(to - from, this.#clock.now());
    this.#counted = to;
  }
}
