import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { FEED } from "../../shared/api/feed.ts";
import type { Coordinator } from "../coordinator/coordinator.ts";
import { MOST_BUFFERED, type PageSocket, type Viewer } from "../coordinator/feed/page.ts";

/** A page that has not answered one ping when the next is due is gone, ms: browsers answer by themselves. */
const PING_MS = 30_000;
/** A peer that does not end the closing is not waited for longer, ms. */
const CLOSE_MS = 2_000;

/** The WebSockets of open dashboards on the Node host. */
export class DashboardSockets {
  readonly #feed: Coordinator["feed"];
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: FEED.message_bytes,
    autoPong: false,
  });
  /** Pages that have answered since the last ping. */
  readonly #alive = new WeakSet<WebSocket>();
  #pinger: NodeJS.Timeout | undefined;

  constructor(feed: Coordinator["feed"]) {
    this.#feed = feed;
  }

  accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, viewer: Viewer): void {
    this.#server.handleUpgrade(incoming, socket, head, (ws) => {
      const page = new NodePageSocket(ws);
      this.#alive.add(ws);
      ws.on("pong", () => this.#alive.add(ws));
      // Answers to a peer that does not read them must not pile up.
      ws.on("ping", (data) => {
        this.#alive.add(ws);
        if (ws.bufferedAmount <= MOST_BUFFERED) ws.pong(data);
      });
      ws.on("message", (data: Buffer, binary) => {
        this.#alive.add(ws);
        this.#feed.message(page, binary ? data : data.toString());
      });
      ws.on("close", () => {
        this.#feed.closed(page);
        if (this.#server.clients.size === 0) this.#stopPinging();
      });
      // `ws` says here what was wrong, and closes with the code for it, which is what counts.
      ws.on("error", () => setTimeout(() => ws.terminate(), CLOSE_MS).unref());
      this.#pinger ??= setInterval(() => this.#ping(), PING_MS).unref();
      this.#feed.open(page, viewer);
    });
  }

  #ping(): void {
    for (const ws of this.#server.clients) {
      if (!this.#alive.delete(ws)) ws.terminate();
      else ws.ping();
    }
  }

  #stopPinging(): void {
    clearInterval(this.#pinger);
    this.#pinger = undefined;
  }

  /** Pages connect again, to whoever listens then. */
  close(): void {
    for (const ws of this.#server.clients) new NodePageSocket(ws).close(1001, "the coordinator stops");
    this.#server.close();
  }
}

class NodePageSocket implements PageSocket {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  send(text: string): void {
    // An error here is followed by `close`, which is where a lost page is dealt with.
    this.#socket.send(text, () => {});
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }

  remember(): void {
    // The process does not hibernate: the socket object itself is the memory.
  }
}
