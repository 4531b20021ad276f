import type { Frame } from "../frame/types.ts";
import { LIMITS } from "../protocol/limits.ts";
import { unpinned } from "./unpinned.ts";

type Ending = { type: "end"; json: unknown } | { type: "reset"; code: number };

/**
 * The sending half of one direction of a stream. It keeps every byte that the peer has not reported as consumed, so that
 * credit, memory bound and resumption are one mechanism (TN9, TN12).
 */
export class Outbound {
  readonly #stream: number;
  /** Bytes `[#base, #written)`, in the pieces they came in. */
  #chunks: Uint8Array[] = [];
  /** Offset of the first byte that `#chunks` has: at most `#acked`, which may lie inside a chunk. */
  #base = 0;
  #acked = 0;
  #written = 0;
  #sent = 0;
  /** The most that was ever sent: after a rewind the peer may know of more than `#sent`. */
  #highest = 0;
  #window: number;
  /**
   * How far the peer's last word on credit reaches, an offset. It is kept apart from `#acked`: a resumption tells what was
   * consumed and promises nothing, and the old window on top of that would be more than the peer ever allowed.
   */
  #limit: number;
  /** Where `#sent` lies: index into `#chunks` and offset in that chunk. */
  #index = 0;
  #inChunk = 0;
  #ending: Ending | undefined;
  #endingSent = false;
  #blocked = false;
  #abandoned = false;

  constructor(stream: number, window: number) {
    this.#stream = stream;
    this.#window = window;
    this.#limit = window;
  }

  /** Bytes kept: written and not yet consumed by the peer. */
  get held(): number {
    return this.#written - this.#acked;
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Keeps `bytes`, which must not change after this; false when the writer should wait until `acknowledge` says that there
   * is room again.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#ending !== undefined) throw new Error("write after end");
    if (bytes.length > 0) {
      this.#chunks.push(unpinned(bytes));
      this.#written += bytes.length;
    }
    this.#blocked = this.held >= this.#window;
    return !this.#blocked;
  }

  end(ending: Ending): void {
    this.#ending ??= ending;
  }

  /** Drops what was written and ends with `ending`, unless an ending has left already. */
  abandon(ending: Ending): void {
    if (this.#endingSent) return;
    this.#abandoned = true;
    this.#ending = ending;
    this.#chunks = [];
    this.#base = this.#acked = this.#written = this.#sent;
    this.#index = 0;
    this.#inChunk = 0;
  }

  /** Whether something may leave now. */
  get ready(): boolean {
    if (this.#sent < this.#written) return this.#sent < this.#limit;
    return this.#ending !== undefined && !this.#endingSent;
  }

  /** The next frame, at most one DATA frame's worth of bytes; undefined when nothing may leave. */
  take(): Frame | undefined {
    const allowed = Math.min(this.#written - this.#sent, this.#limit - this.#sent, LIMITS.data_bytes);
    if (allowed > 0) return { type: "data", stream: this.#stream, bytes: this.#takeBytes(allowed) };
    if (this.#sent < this.#written || this.#ending === undefined || this.#endingSent) return undefined;
    this.#endingSent = true;
    return this.#ending.type === "end"
      ? { type: "end", stream: this.#stream, total: this.#written, json: this.#ending.json }
      : { type: "reset", stream: this.#stream, code: this.#ending.code };
  }

  #takeBytes(length: number): Uint8Array {
    const first = this.#chunks[this.#index];
    if (first !== undefined && first.length - this.#inChunk >= length) {
      const bytes = first.subarray(this.#inChunk, this.#inChunk + length);
      this.#advance(length);
      return bytes;
    }
    const merged = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) throw new Error("outbound: fewer bytes than accounted for");
      const part = chunk.subarray(this.#inChunk, this.#inChunk + length - at);
      merged.set(part, at);
      at += part.length;
      this.#advance(part.length);
    }
    return merged;
  }

  #advance(length: number): void {
    this.#sent += length;
    this.#highest = Math.max(this.#highest, this.#sent);
    this.#inChunk += length;
    if (this.#inChunk === this.#chunks[this.#index]?.length) {
      this.#index++;
      this.#inChunk = 0;
    }
  }

  /**
   * The peer has consumed the first `consumed` bytes and allows `window` more.
   * @returns whether a writer that was told to wait may go on; undefined when the numbers cannot be true.
   */
  acknowledge(consumed: number, window: number): boolean | undefined {
    // Credit for bytes that were dropped crosses with the word that they were.
    if (this.#abandoned) return consumed > this.#highest ? undefined : false;
    if (consumed < this.#acked || consumed > this.#sent) return undefined;
    this.#release(consumed);
    this.#window = window;
    this.#limit = consumed + window;
    const unblocked = this.#blocked && this.held < window;
    if (unblocked) this.#blocked = false;
    return unblocked;
  }

  #release(consumed: number): void {
    let drop = 0;
    let freed = this.#base;
    while (drop < this.#chunks.length) {
      const end = freed + (this.#chunks[drop]?.length ?? 0);
      if (end > consumed) break;
      freed = end;
      drop++;
    }
    if (drop > 0) {
      this.#chunks.splice(0, drop);
      this.#index -= drop;
      this.#base = freed;
    }
    this.#acked = consumed;
  }

  /**
   * The socket was replaced and the peer has `received` bytes, `ended` says whether it saw the ending: sending goes on
   * from there, as far as the last credit reaches; the peer's next CREDIT follows.
   * @returns false when that cannot be true (bytes that were never sent, or are gone).
   */
  rewind(received: number, consumed: number, ended: boolean): boolean {
    if (received > this.#highest || consumed > received) return false;
    if (this.#abandoned) {
      this.#endingSent = ended;
      return true;
    }
    if (consumed < this.#acked) return false;
    if (ended && (this.#ending === undefined || received !== this.#written)) return false;
    this.#release(consumed);
    this.#sent = this.#base;
    this.#index = 0;
    this.#inChunk = 0;
    let left = received - this.#base;
    while (left > 0) {
      const step = Math.min(left, (this.#chunks[this.#index]?.length ?? 0) - this.#inChunk);
      if (step <= 0) return false;
      this.#advance(step);
      left -= step;
    }
    this.#endingSent = ended;
    return true;
  }

  /** The peer never heard of the stream: all over again, with the window that a new one has. */
  restart(window: number): boolean {
    if (!this.rewind(0, 0, false)) return false;
    this.#window = window;
    this.#limit = window;
    return true;
  }
}
