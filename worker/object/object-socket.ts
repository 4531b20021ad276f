import type { AgentSocket, SocketAttachment } from "../coordinator/socket.ts";
import { endSocket } from "./end-socket.ts";

/** An agent's hibernatable WebSocket as the brain sees it. */
export class ObjectSocket implements AgentSocket {
  readonly #socket: WebSocket;
  readonly #state: DurableObjectState;
  #heard: number;

  constructor(socket: WebSocket, state: DurableObjectState, heard: number) {
    this.#socket = socket;
    this.#state = state;
    this.#heard = heard;
  }

  heard(now: number): void {
    this.#heard = now;
  }

  /** Pings are answered by the platform without waking this object; it remembers when. */
  lastHeard(): number {
    const ping = this.#state.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0;
    return Math.max(this.#heard, ping);
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    try {
      this.#socket.send(message);
    } catch {
      // Closed a moment ago: `webSocketClose` follows, which is where a lost socket is dealt with.
    }
  }

  /** The platform queues without limit and does not say how much; windows keep it small. */
  buffered(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    endSocket(this.#socket, code, reason);
  }

  remember(attachment: SocketAttachment): void {
    this.#socket.serializeAttachment(attachment);
  }
}
