import { Decompress } from "fzstd";
import { ZstdFrame } from "../../shared/lib/zstd-frame.ts";
import type { ByteSource } from "./client-side.ts";

/** What Ollama unpacks of a zstd body at most (server/cloud_proxy.go), bytes. */
const MAX_UNPACKED = 20 * 1024 * 1024;
/** What is unpacked in one go, bytes: at worst four of these become 128 KiB. */
const STEP = 64;

/** The body cannot be what its headers say: the client's doing, which it has to be told. */
export class BadBodyError extends Error {
  override readonly name = "BadBodyError";
}

/** A zstd body as it is when unpacked, a step at a time: a small one may hold 20 MiB. Reading rejects with `BadBodyError`. */
export class UnpackedBody implements ByteSource {
  readonly #source: ByteSource;
  readonly #frame = new ZstdFrame();
  readonly #zstd: Decompress;
  readonly #ready: Uint8Array[] = [];
  #packed: Uint8Array = new Uint8Array(0);
  #bytes = 0;
  #ended = false;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#zstd = new Decompress((chunk) => {
      this.#bytes += chunk.length;
      if (this.#bytes > MAX_UNPACKED) throw new BadBodyError(`more than ${MAX_UNPACKED} bytes unpacked`);
      if (chunk.length > 0) this.#ready.push(chunk);
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const ready = this.#ready.shift();
      if (ready !== undefined) return ready;
      if (this.#ended) return null;
      if (this.#packed.length > 0) {
        const step = this.#packed.subarray(0, STEP);
        this.#packed = this.#packed.subarray(STEP);
        this.#unpack(step, false);
        continue;
      }
      const chunk = await this.#source.read();
      this.#ended = chunk === null;
      // A frame that is cut short has to be told from one that is whole.
      if (chunk === null) this.#unpack(new Uint8Array(0), true);
      else this.#packed = chunk;
    }
  }

  #unpack(packed: Uint8Array, last: boolean): void {
    const fault = this.#frame.push(packed);
    if (fault !== undefined) throw new BadBodyError(fault);
    try {
      this.#zstd.push(packed, last);
    } catch (error) {
      throw error instanceof BadBodyError
        ? error
        : new BadBodyError("the body is not valid zstd", { cause: error });
    }
  }

  cancel(): void {
    this.#ready.length = 0;
    this.#packed = new Uint8Array(0);
    this.#ended = true;
    this.#source.cancel();
  }
}
