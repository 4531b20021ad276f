import type { PageAttachment, PageSocket } from "../coordinator/feed/page.ts";
import { endSocket } from "./end-socket.ts";

/** Sockets of dashboards; all others are agents'. */
export const DASHBOARD_TAG = "dashboard";

/** A dashboard's hibernatable WebSocket as the brain sees it. */
export class ObjectPageSocket implements PageSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      // Closed a moment ago: `webSocketClose` follows, which is where a lost page is dealt with.
    }
  }

  /** The platform queues without limit and does not say how much; acknowledgements keep it small. */
  buffered(): number {
    return 0;
  }

  close(code: number, reason: string): void {
    endSocket(this.#socket, code, reason);
  }

  remember(attachment: PageAttachment): void {
    this.#socket.serializeAttachment(attachment);
  }
}
