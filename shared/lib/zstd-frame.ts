/** Largest window that is unpacked, bytes: what Ollama unpacks at most, which a frame of one segment may declare whole. */
const MAX_WINDOW = 20 * 1024 * 1024;
/** Largest block, bytes (RFC 8878, 3.1.1.2.4). */
const MAX_BLOCK = 128 * 1024;
/** The decoder moves its whole window for each block: with tiny blocks a small body would keep it busy for minutes. */
const MAX_MOVED = 4 * 1024 * 1024 * 1024;
const BLOCK_COST = 64 * 1024;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const FAULT = "the body is not valid zstd";

type State =
  | { in: "header"; bytes: number[] }
  | { in: "block"; bytes: number[] }
  | { in: "content"; left: number; last: boolean }
  | { in: "checksum"; left: number }
  | { in: "end" };

/**
 * Walks over a zstd frame's headers ahead of the decoder, which allocates whatever window a header names: 2 GB for a body
 * of ten bytes. One frame only, since readers do not agree on what a second one means.
 */
export class ZstdFrame {
  #state: State = { in: "header", bytes: [] };
  #window = 0;
  #checksum = false;
  #moved = 0;

  /** What is wrong with the frame as far as these bytes tell; undefined when nothing is. */
  push(chunk: Uint8Array): string | undefined {
    let at = 0;
    while (at < chunk.length) {
      const state = this.#state;
      switch (state.in) {
        case "header": {
          state.bytes.push(chunk[at++] ?? 0);
          const fault = this.#header(state.bytes);
          if (fault !== undefined) return fault;
          break;
        }
        case "block": {
          state.bytes.push(chunk[at++] ?? 0);
          const fault = this.#block(state.bytes);
          if (fault !== undefined) return fault;
          break;
        }
        case "content":
        case "checksum": {
          const step = Math.min(state.left, chunk.length - at);
          state.left -= step;
          at += step;
          if (state.left === 0) this.#next(state.in === "checksum" || state.last, state.in === "checksum");
          break;
        }
        case "end":
          return "the body is more than one zstd frame";
      }
    }
    return undefined;
  }

  #next(last: boolean, checked: boolean): void {
    if (!last) this.#state = { in: "block", bytes: [] };
    else if (this.#checksum && !checked) this.#state = { in: "checksum", left: 4 };
    else this.#state = { in: "end" };
  }

  #header(bytes: readonly number[]): string | undefined {
    const known = Math.min(bytes.length, MAGIC.length);
    for (let at = 0; at < known; at++) if (bytes[at] !== MAGIC[at]) return FAULT;
    const flags = bytes[4];
    if (flags === undefined) return undefined;
    const single = (flags >> 5) & 1;
    const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
    const sizeFlag = flags >> 6;
    const sizeBytes = sizeFlag === 0 ? single : 1 << sizeFlag;
    const sizeAt = 6 - single + dictionary;
    if (bytes.length < sizeAt + sizeBytes) return undefined;
    if (single === 1) {
      let size = sizeFlag === 1 ? 256 : 0;
      for (let at = 0; at < sizeBytes; at++) size += (bytes[sizeAt + at] ?? 0) * 256 ** at;
      this.#window = size;
    } else {
      const descriptor = bytes[5] ?? 0;
      const base = 2 ** (10 + (descriptor >> 3));
      this.#window = base + (base / 8) * (descriptor & 7);
    }
    if (this.#window > MAX_WINDOW) {
      return `the body's zstd window is ${this.#window} bytes, at most ${MAX_WINDOW}`;
    }
    this.#checksum = (flags & 4) !== 0;
    this.#state = { in: "block", bytes: [] };
    return undefined;
  }

  #block(bytes: readonly number[]): string | undefined {
    const [low = 0, middle = 0, high] = bytes;
    if (high === undefined) return undefined;
    const type = (low >> 1) & 3;
    const size = (low >> 3) | (middle << 5) | (high << 13);
    this.#moved += this.#window + BLOCK_COST;
    if (type === 3 || size > MAX_BLOCK) return FAULT;
    if (this.#moved > MAX_MOVED) return "the body's zstd blocks are too many";
    const left = type === 1 ? 1 : size;
    const last = (low & 1) === 1;
    this.#state = { in: "content", left, last };
    if (left === 0) this.#next(last, false);
    return undefined;
  }
}
