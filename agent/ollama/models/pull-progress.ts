import type { Progress } from "../progress.ts";
import { Speed } from "../speed.ts";
import type { PullLine } from "./pull-line.ts";

interface Layer {
  done: number;
  total: number;
}

/** Adds the layers of a model up to one progress; a layer is known from its first line on. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  readonly #speed = new Speed();
  /** Layers that were heard of since the last interruption. */
  readonly #current = new Set<string>();

  take({ digest, total, completed = 0 }: PullLine, at: number): void {
    if (digest === undefined || total === undefined) return;
    const before = this.#layers.get(digest);
    // What a layer has when it is first heard of was downloaded earlier.
    const got = this.#current.has(digest) ? Math.max(0, completed - (before?.done ?? 0)) : 0;
    this.#current.add(digest);
    this.#layers.set(digest, { done: Math.min(completed, total), total });
    this.#speed.add(got, at);
  }

  interrupted(): void {
    this.#current.clear();
    this.#speed.restart();
  }

  /** Null before the first layer is known. */
  get value(): Progress | null {
    if (this.#layers.size === 0) return null;
    let [done, total] = [0, 0];
    for (const layer of this.#layers.values()) {
      done += layer.done;
      total += layer.total;
    }
    const speed = this.#speed.value;
    return {
      done_bytes: done,
      total_bytes: total,
      bytes_per_s: speed,
      eta_s: speed === null || speed === 0 ? null : (total - done) / speed,
    };
  }
}
