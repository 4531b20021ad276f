/** The state between two elements: enough to write the hash out later, for the few that are asked for. */
export interface Mark {
  readonly a: number;
  readonly b: number;
}

/**
 * A 64-bit hash over elements of bytes, in two 32-bit lanes since BigInt is too slow for every word of a body. It withstands
 * nobody who looks for collisions: it may steer, never protect.
 */
export class LaneHash {
  #a = 0x243f6a88;
  #b = 0x13198a2e | 0;
  /** The word that is being filled, and bytes of the element so far: words begin with the element, not with the piece. */
  #word = 0;
  #length = 0;

  /** @param seed hashes with different seeds have nothing in common */
  constructor(seed: string) {
    const bytes = new TextEncoder().encode(seed);
    this.add(bytes, 0, bytes.length);
    this.endElement();
  }

  /** Takes `bytes[from, to)` as the next of the element. */
  add(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = from;
    let filled = this.#length & 3;
    this.#length = (this.#length + to - from) | 0;
    for (; filled > 0 && at < to; at++) {
      this.#word |= view.getUint8(at) << (filled * 8);
      filled = (filled + 1) & 3;
      if (filled === 0) this.#endWord();
    }
    let a = this.#a;
    let b = this.#b;
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, true);
      a = mixA(a, word);
      b = mixB(b, word);
    }
    this.#a = a;
    this.#b = b;
    for (; at < to; at++) {
      this.#word |= view.getUint8(at) << (filled * 8);
      filled++;
    }
  }

  /** What comes next belongs to another element: `[1,23]` and `[12,3]` differ. */
  endElement(): void {
    this.#endWord();
    this.#word = this.#length;
    this.#endWord();
    this.#length = 0;
  }

  #endWord(): void {
    this.#a = mixA(this.#a, this.#word);
    this.#b = mixB(this.#b, this.#word);
    this.#word = 0;
  }

  mark(): Mark {
    return { a: this.#a, b: this.#b };
  }
}

/** Murmur3's step. */
function mixA(lane: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const mixed = lane ^ Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

/** Another one, so that what collides in one lane does not in the other. */
function mixB(lane: number, word: number): number {
  return Math.imul(((lane << 5) | (lane >>> 27)) ^ word, 0x9e3779b1);
}

/** Sixteen hex digits. */
export function hashText({ a, b }: Mark): string {
  const first = finish(a);
  const second = finish(b ^ Math.imul(first, 0x85ebca6b));
  return (first >>> 0).toString(16).padStart(8, "0") + (second >>> 0).toString(16).padStart(8, "0");
}

/** Every bit of the lane changes half of the bits. */
function finish(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
