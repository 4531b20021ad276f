const TAIL_BYTES = 64 * 1024;
const HEAD_BYTES = 4 * 1024;
const NEWLINE = 10;

/**
 * The end of a body that passes by, and the beginning of its last line: where an answer says what it cost. Chunks are
 * kept by reference and dropped by halves, so that a chunk costs one push and one search for a newline.
 */
export class Tail {
  #older: Buffer[] = [];
  #newer: Buffer[] = [];
  #newerBytes = 0;
  #lineHead: Buffer | undefined;
  #lineStartsNext = true;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#newer.push(chunk.length > TAIL_BYTES ? chunk.subarray(-TAIL_BYTES) : chunk);
    this.#newerBytes += chunk.length;
    if (this.#newerBytes >= TAIL_BYTES) {
      this.#older = this.#newer;
      this.#newer = [];
      this.#newerBytes = 0;
    }
    // A newline that ends the chunk ends the last line so far; only one before it begins another.
    const newline = chunk.length < 2 ? -1 : chunk.lastIndexOf(NEWLINE, chunk.length - 2);
    if (newline >= 0) this.#lineHead = chunk.subarray(newline + 1, newline + 1 + HEAD_BYTES);
    else if (this.#lineStartsNext) this.#lineHead = chunk.subarray(0, HEAD_BYTES);
    this.#lineStartsNext = chunk[chunk.length - 1] === NEWLINE;
  }

  /** The last bytes of the body, at least 64 KiB of them where there were as many. */
  end(): Buffer {
    const all = [...this.#older, ...this.#newer];
    const [only] = all;
    return all.length === 1 && only !== undefined ? only : Buffer.concat(all);
  }

  /** How the last line began, as far as one chunk told. */
  lineHead(): Buffer {
    return this.#lineHead ?? Buffer.alloc(0);
  }
}
