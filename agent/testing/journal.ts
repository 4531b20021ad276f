/** What happened, in order; a test waits for an entry instead of for time to pass. */
export class Journal<T> {
  readonly entries: T[] = [];
  readonly #waiting = new Set<() => void>();

  readonly push = (entry: T): void => {
    this.entries.push(entry);
    for (const check of [...this.#waiting]) check();
  };

  /** Resolves with the first entry, past or future, for which `wanted` gives something. */
  find<R>(wanted: (entry: T) => R | undefined): Promise<R> {
    return new Promise((resolve) => {
      const check = (): void => {
        for (const entry of this.entries) {
          const found = wanted(entry);
          if (found === undefined) continue;
          this.#waiting.delete(check);
          resolve(found);
          return;
        }
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves when `count` entries satisfy `wanted`. */
  count(wanted: (entry: T) => boolean, count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.entries.filter(wanted).length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}
