import type { IncomingMessage } from "node:http";
import type { ByteSource } from "../coordinator/client-side.ts";

/** A request body read only when asked: what is not read stays in the socket, and the client waits. */
export class IncomingSource implements ByteSource {
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const incoming = this.#incoming;
    const chunk: Buffer | null = incoming.read();
    if (chunk !== null) return chunk;
    if (incoming.readableEnded) return null;
    if (incoming.destroyed) return Promise.reject(new Error("the client stopped sending"));
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        incoming.off("readable", onReadable);
        incoming.off("end", onEnd);
        incoming.off("error", onGone);
        incoming.off("close", onGone);
      };
      const onReadable = (): void => {
        const next: Buffer | null = incoming.read();
        if (next === null) return;
        settle();
        resolve(next);
      };
      const onEnd = (): void => {
        settle();
        resolve(null);
      };
      const onGone = (): void => {
        settle();
        reject(new Error("the client stopped sending"));
      };
      incoming.on("readable", onReadable);
      incoming.on("end", onEnd);
      incoming.on("error", onGone);
      incoming.on("close", onGone);
    });
  }

  cancel(): void {
    // The server drains or closes the connection once the answer is out; an early destroy would take the answer along.
  }
}
