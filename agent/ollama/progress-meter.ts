import type { Clock } from "../core/clock.ts";
import type { Progress } from "./progress.ts";

const REPORT_EVERY_MS = 250;
const WINDOW_MS = 5_000;
const FIRST_SPEED_MS = 1_000;

/** Turns byte counts into progress, at most four times a second, with the speed of the last five seconds. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #total: number | null;
  readonly #report: (progress: Progress) => void;
  #samples: Array<{ at: number; bytes: number }> = [];
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
    this.#samples = [{ at: this.#clock.now(), bytes }];
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
    this.#samples.push({ at: now, bytes });
    // One sample from before the window stays, so that the window is always covered.
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift();
    this.#report(this.progress());
  }

  progress(): Progress {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const elapsed = first === undefined || last === undefined ? 0 : last.at - first.at;
    const speed =
      first === undefined || last === undefined || elapsed < FIRST_SPEED_MS
        ? null
        : ((last.bytes - first.bytes) * 1_000) / elapsed;
    const left = this.#total === null ? null : Math.max(0, this.#total - this.#done);
    return {
      done_bytes: this.#done,
      total_bytes: this.#total,
      bytes_per_s: speed,
      eta_s: speed === null || speed === 0 || left === null ? null : left / speed,
    };
  }
}
