import type { WebSocket } from "ws";
import type { Transport } from "../../../shared/mux/transport.ts";

/** The multiplexer's socket on the package ws. */
export class WsTransport implements Transport {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(message: Uint8Array<ArrayBuffer>, sent: () => void): void {
    // The callback gets an error when the socket is closing: its close event says so too.
    this.#socket.send(message, { binary: true }, () => sent());
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}
