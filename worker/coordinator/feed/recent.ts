/** The last of what happened, numbered as it came. */
export class Recent<T> {
  readonly #most: number;
  #items: T[] = [];
  /** Number of the next one. */
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get next(): number {
    return this.#next;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#next++;
    // In pieces: one by one the array would be moved for each.
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
  }

  /** Those from number `from` on that are still kept, oldest first. */
  since(from: number): T[] {
    const count = Math.min(this.#next - from, this.#most, this.#items.length);
    return count <= 0 ? [] : this.#items.slice(-count);
  }

  /** All that are kept before number `to`, newest first. */
  before(to: number): T[] {
    const kept = this.since(0);
    return kept.slice(0, Math.max(0, kept.length - (this.#next - to))).reverse();
  }
}
