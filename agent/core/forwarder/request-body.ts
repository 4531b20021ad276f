import type { ClientRequest } from "node:http";

/** A body up to this size is collected first: one write to Ollama, and it can be sent again. */
export const REPLAY_BYTES = 64 * 1024;

/**
 * A request's body on its way to Ollama. Small ones are collected; once one is larger it streams, and bytes count as
 * consumed only when Ollama's socket took them.
 */
export class RequestBody {
  readonly #consume: (bytes: number) => void;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #ended = false;
  #request: ClientRequest | undefined;
  /** Bytes handed to Ollama's socket that it has not taken yet. */
  #pending = 0;

  constructor(consume: (bytes: number) => void) {
    this.#consume = consume;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get length(): number {
    return this.#length;
  }

  get streaming(): boolean {
    return this.#request !== undefined;
  }

  /** Whether Ollama has to take bytes before more can come. */
  get waitsForOllama(): boolean {
    return this.#pending > 0;
  }

  /** True when the body is now too large to collect. */
  add(bytes: Uint8Array): boolean {
    this.#length += bytes.length;
    if (this.#request !== undefined) {
      this.#write(this.#request, bytes);
      return true;
    }
    this.#chunks.push(bytes);
    this.#consume(bytes.length);
    return this.#length > REPLAY_BYTES;
  }

  end(): void {
    this.#ended = true;
    this.#request?.end();
  }

  /** The whole collected body. */
  whole(): Uint8Array {
    const [only] = this.#chunks;
    if (this.#chunks.length === 1 && only !== undefined) return only;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  stream(request: ClientRequest): void {
    this.#request = request;
    for (const chunk of this.#chunks) request.write(chunk);
    this.#chunks = [];
  }

  /** Nobody needs the bytes any more. */
  drop(): void {
    this.#chunks = [];
    this.#request = undefined;
  }

  #write(request: ClientRequest, bytes: Uint8Array): void {
    this.#pending += bytes.length;
    request.write(bytes, () => {
      this.#pending -= bytes.length;
      this.#consume(bytes.length);
    });
  }
}
