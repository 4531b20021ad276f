import { constants, createZstdDecompress, type ZstdDecompress } from "node:zlib";
import type { BodyGuard, Refuse } from "./body-guard.ts";
import type { NameScan } from "./name-scan.ts";

/** What Ollama unpacks of a body at most; what comes behind it, it refuses by itself. */
const MAX_UNPACKED = 20 * 1024 * 1024;
/** Bits of the largest window that is unpacked: room for a frame of one segment of that size. */
const WINDOW_BITS = 25;

type Step = { bytes: Uint8Array; pass: (bytes: Uint8Array) => void } | { done: () => void };

/** Looks at a packed body: each piece goes on only when what it unpacks to was seen. */
export class ZstdBodyGuard implements BodyGuard {
  readonly #scan: NameScan;
  readonly #refuse: Refuse;
  readonly #unpack: ZstdDecompress;
  readonly #steps: Step[] = [];
  #busy = false;
  #closed = false;
  #packed = 0;
  #unpacked = 0;

  constructor(scan: NameScan, refuse: Refuse) {
    this.#scan = scan;
    this.#refuse = refuse;
    this.#unpack = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_BITS } });
    this.#unpack.on("data", (bytes: Buffer) => {
      this.#unpacked += bytes.length;
      if (!this.#seen) scan.push(bytes);
    });
    this.#unpack.on("error", (error) => this.#fault(`the body is not valid zstd: ${error.message}`));
  }

  take(bytes: Uint8Array, pass: (bytes: Uint8Array) => void): void {
    this.#steps.push({ bytes, pass });
    this.#go();
  }

  end(done: () => void): void {
    this.#steps.push({ done });
    this.#go();
  }

  close(): void {
    this.#closed = true;
    this.#steps.length = 0;
    this.#unpack.destroy();
  }

  /** Nothing that can still come matters. */
  get #seen(): boolean {
    return this.#scan.done || this.#unpacked > MAX_UNPACKED;
  }

  #fault(reason: string): void {
    if (!this.#closed) this.#refuse("body_refused", reason);
  }

  #go(): void {
    while (!this.#busy && !this.#closed) {
      const step = this.#steps.shift();
      if (step === undefined) return;
      if ("done" in step) step.done();
      else if (this.#seen) step.pass(step.bytes);
      else {
        this.#busy = true;
        this.#packed += step.bytes.length;
        this.#unpack.write(step.bytes, () => this.#looked(step));
      }
    }
  }

  #looked({ bytes, pass }: { bytes: Uint8Array; pass: (bytes: Uint8Array) => void }): void {
    this.#busy = false;
    if (this.#closed) return;
    const { fault } = this.#scan;
    if (fault !== undefined) this.#refuse(fault.code, fault.reason);
    // Node stops at the end of a frame, and Ollama's reader goes on into the next one.
    else if (!this.#seen && this.#unpack.bytesWritten !== this.#packed) {
      this.#fault("the body is more than one zstd frame");
    } else {
      pass(bytes);
      this.#go();
    }
  }
}
