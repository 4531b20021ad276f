import type { Exchange } from "./exchange.ts";

interface Waiter {
  left: boolean;
  readonly enter: () => void;
}

/** The slots of one loaded model: requests over their number wait in order and without bound. */
export class Slots {
  #free: number;
  #queue: Waiter[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Nothing to wait for when a slot is free. The slot returns by itself when the client leaves,
   * because Ollama frees it at once; `release` may therefore be called twice.
   */
  take(exchange: Exchange): { ready: Promise<void> | undefined; release: () => void } {
    if (this.#free > 0) {
      this.#free--;
      return { ready: undefined, release: this.#releaser(exchange) };
    }
    let release = () => {};
    const ready = new Promise<void>((resolve) => {
      const waiter: Waiter = {
        left: false,
        enter: () => {
          release = this.#releaser(exchange);
          resolve();
        },
      };
      this.#queue.push(waiter);
      exchange.whenGone(() => {
        waiter.left = true;
        resolve();
      });
    });
    return { ready, release: () => release() };
  }

  #releaser(exchange: Exchange): () => void {
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#give();
    };
    exchange.whenGone(release);
    return release;
  }

  #give(): void {
    for (;;) {
      const next = this.#queue.shift();
      if (next === undefined) {
        this.#free++;
        return;
      }
      if (next.left) continue;
      next.enter();
      return;
    }
  }
}
