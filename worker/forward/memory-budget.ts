/** Most that is kept of one request's body, and of all bodies of one isolate or process, bytes. */
export const KEEP = { request: 8 * 1024 * 1024, total: 48 * 1024 * 1024 };

/** What request bodies may hold together: a Cloudflare isolate has 128 MB for everything. */
export class MemoryBudget {
  readonly #total: number;
  #used = 0;

  constructor(total = KEEP.total) {
    this.#total = total;
  }

  get used(): number {
    return this.#used;
  }

  /** Takes `bytes`, or nothing and false when they would not fit. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#total) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
