import type { ByteSource } from "../coordinator/client-side.ts";
import { KEEP } from "../forward/memory-budget.ts";

/** What most requests fit in, bytes. */
const SMALLEST_READ = 4 * 1024;
/** What an upload is read in, bytes: each read of it costs the script as much as one of 4 KiB, the platform's own size. */
const LARGEST_READ = 64 * 1024;

/** A request body of the platform, read only when asked. */
export class BodySource implements ByteSource {
  readonly #reader: ReadableStreamBYOBReader;
  #size = SMALLEST_READ;
  #bytes = 0;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader({ mode: "byob" });
  }

  /** The edge keeps no more than that. */
  get replayable(): boolean {
    return this.#bytes <= KEEP.request;
  }

  async read(): Promise<Uint8Array | null> {
    const size = this.#size;
    const { done, value } = await this.#reader.read(new Uint8Array(size));
    if (done) return null;
    this.#bytes += value.length;
    if (value.length === size) this.#size = Math.min(size * 4, LARGEST_READ);
    // Whoever keeps a piece keeps its buffer: it should not be mostly empty.
    return value.length < size / 2 ? value.slice() : value;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {
      // The client has left: there is nothing to cancel any more.
    });
  }
}
