/**
 * A binary heap whose members can leave from anywhere and move when their order changes: everything O(log n). Members are
 * told apart by identity.
 */
export class Heap<T> {
  readonly #before: (a: T, b: T) => number;
  readonly #items: T[] = [];
  readonly #places = new Map<T, number>();

  /** @param before negative when `a` comes out first */
  constructor(before: (a: T, b: T) => number) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  has(item: T): boolean {
    return this.#places.has(item);
  }

  /** In no particular order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  add(item: T): void {
    if (this.#places.has(item)) return;
    this.#items.push(item);
    this.#places.set(item, this.#items.length - 1);
    this.#rise(item, this.#items.length - 1);
  }

  remove(item: T): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last !== undefined && last !== item) {
      this.#put(last, place);
      this.moved(last);
    }
    return true;
  }

  /** What decides about its place has changed. */
  moved(item: T): void {
    const place = this.#places.get(item);
    if (place === undefined) return;
    this.#rise(item, place);
    this.#sink(item, this.#places.get(item) ?? place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || this.#before(item, parent) >= 0) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(item, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [this.#items[left], this.#items[left + 1]];
      if (a === undefined) break;
      const second = b !== undefined && this.#before(b, a) < 0;
      const child = second ? b : a;
      if (this.#before(child, item) >= 0) break;
      this.#put(child, place);
      place = second ? left + 1 : left;
    }
    this.#put(item, place);
  }
}
