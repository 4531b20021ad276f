import type { ByteSource } from "../coordinator/client-side.ts";

/** A request body of the platform, read only when asked. */
export class BodySource implements ByteSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  async read(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read();
    return done ? null : value;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {
      // The client has left: there is nothing to cancel any more.
    });
  }
}
