import { findRoute } from "../../shared/api/ollama-routes.ts";
import type { Call } from "./api.ts";
import type { ByteSource } from "./client-side.ts";
import { UnpackedBody } from "./unpacked-body.ts";

/**
 * A request whose body names another model, and is otherwise as the client sent it. For one attempt: the next reads the body
 * from its beginning and may name another one.
 */
export function renamed(
  call: Call,
  body: ByteSource | null,
  name: string,
): { call: Call; body: ByteSource | null } {
  const at = call.modelAt ?? [];
  const form = findRoute(call.method, call.endpoint)?.model === "multipart";
  const text = new TextEncoder().encode(form ? name : JSON.stringify(name));
  // Of a form the places were found in the bytes as they are, whatever its headers say of packing.
  const packed = !form && call.headers.some(([header, value]) => saysZstd(header, value));
  const longer = at.reduce((sum, [from, to]) => sum + text.length - (to - from), 0);
  return {
    call: {
      ...call,
      headers: packed ? call.headers.filter(([header, value]) => !saysZstd(header, value)) : call.headers,
      contentLength: packed || call.contentLength < 0 ? -1 : call.contentLength + longer,
    },
    body: body === null ? null : new Replaced(packed ? new UnpackedBody(body) : body, at, text),
  };
}

function saysZstd(header: string, value: string): boolean {
  return header.toLowerCase() === "content-encoding" && value.trim().toLowerCase() === "zstd";
}

/** Bytes pass as they come, but for those in the ranges. */
class Replaced implements ByteSource {
  readonly #source: ByteSource;
  readonly #at: readonly (readonly [number, number])[];
  readonly #text: Uint8Array;
  /** Pieces made of what was read and not handed out yet. */
  readonly #ready: Uint8Array[] = [];
  /** Bytes read so far. */
  #read = 0;
  /** The range that comes next, or that is being left out. */
  #next = 0;

  constructor(source: ByteSource, at: readonly (readonly [number, number])[], text: Uint8Array) {
    this.#source = source;
    this.#at = at;
    this.#text = text;
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    for (;;) {
      const ready = this.#ready.shift();
      if (ready !== undefined) return ready;
      const chunk = this.#source.read();
      if (chunk instanceof Promise) return this.#later(chunk);
      if (chunk === null) return null;
      this.#take(chunk);
    }
  }

  async #later(coming: Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const chunk = await coming;
    if (chunk === null) return null;
    this.#take(chunk);
    return this.read();
  }

  #take(chunk: Uint8Array): void {
    const begin = this.#read;
    const end = begin + chunk.length;
    this.#read = end;
    let from = begin;
    for (;;) {
      const range = this.#at[this.#next];
      if (range === undefined || range[0] >= end) break;
      if (range[0] >= from) {
        this.#pass(chunk.subarray(from - begin, range[0] - begin));
        this.#pass(this.#text);
      }
      from = Math.min(end, range[1]);
      if (range[1] > end) break;
      this.#next++;
    }
    this.#pass(chunk.subarray(from - begin));
  }

  #pass(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#ready.push(bytes);
  }

  cancel(): void {
    this.#ready.length = 0;
    this.#source.cancel();
  }
}
