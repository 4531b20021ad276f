import type { WebSocket } from "ws";
import type { AgentSocket } from "../coordinator/socket.ts";

/** An agent's `ws` socket as the brain sees it. */
export class NodeAgentSocket implements AgentSocket {
  readonly #socket: WebSocket;
  #lastHeard = Date.now();

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Something came; any byte proves that the agent lives. */
  heard(): void {
    this.#lastHeard = Date.now();
  }

  lastHeard(): number {
    return this.#lastHeard;
  }

  send(message: Uint8Array, sent: () => void): void {
    // An error here is followed by `close`, which is where a lost socket is dealt with.
    this.#socket.send(message, { binary: true }, (error) => {
      if (!error) sent();
    });
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // A peer that is stopped or hostile never completes the closing handshake; ws itself waits 30 s for it.
    setTimeout(() => this.#socket.terminate(), 2_000).unref();
  }

  remember(): void {
    // The process does not hibernate: the socket object itself is the memory.
  }
}
