import type { FeedMessage } from "../../../shared/api/feed.ts";
import { FEED, FEED_CLOSE } from "../../../shared/api/feed-limits.ts";

export type FeedConnection =
  | { state: "connecting" }
  | { state: "live" }
  /** Both in ms since the epoch, by the browser's clock. */
  | { state: "lost"; since: number; nextTry: number };

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** After this silence the page asks whether anybody is there, and waits that long for any answer. */
const SILENCE_MS = 20_000;
const ANSWER_MS = 10_000;
const PING = "ping";
const PONG = "pong";

export interface FeedSocketOptions {
  open(): WebSocket;
  onMessage(message: FeedMessage): void;
  onConnection(connection: FeedConnection): void;
  /** The coordinator refuses this session, or cannot be reached at all: the caller finds out which. */
  onRefused(): void;
}

/** Before which try how long is waited, ms, with half of it by chance: a hundred pages do not come back in one moment. */
export function backOff(tries: number, random: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  return longest / 2 + (longest / 2) * random;
}

/** Keeps a connection to the feed until it is stopped. */
export class FeedSocket {
  readonly #options: FeedSocketOptions;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ack: ReturnType<typeof setTimeout> | undefined;
  #version = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #lostSince: number | undefined;
  #stopped = false;

  constructor(options: FeedSocketOptions) {
    this.#options = options;
    this.#dial();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    clearTimeout(this.#ack);
    this.#socket?.close();
  }

  /** At once, when a person asks or the network is back. */
  retryNow(): void {
    if (this.#stopped || this.#socket !== undefined) return;
    clearTimeout(this.#timer);
    this.#dial();
  }

  #dial(): void {
    const socket = this.#options.open();
    this.#socket = socket;
    let opened = false;
    if (this.#lostSince === undefined) this.#options.onConnection({ state: "connecting" });
    this.#listen(socket);
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#socket !== socket || typeof event.data !== "string") return;
      this.#listen(socket);
      if (event.data === PONG) return;
      // The page's own coordinator writes these; its schema is checked where they are made.
      const message = JSON.parse(event.data) as FeedMessage;
      if (!opened) {
        opened = true;
        this.#tries = 0;
        this.#lostSince = undefined;
        this.#options.onConnection({ state: "live" });
      }
      this.#options.onMessage(message);
      this.#version = message.version;
      this.#ack ??= setTimeout(() => this.#acknowledge(), FEED.ack_ms);
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#lost(opened && event.code !== FEED_CLOSE.unauthorized);
    };
  }

  #lost(opened: boolean): void {
    this.#socket = undefined;
    clearTimeout(this.#silence);
    clearTimeout(this.#ack);
    this.#ack = undefined;
    if (this.#stopped) return;
    if (!opened) this.#options.onRefused();
    this.#lostSince ??= Date.now();
    const wait = backOff(this.#tries++, Math.random());
    this.#options.onConnection({ state: "lost", since: this.#lostSince, nextTry: Date.now() + wait });
    this.#timer = setTimeout(() => this.#dial(), wait);
  }

  /** A network that is gone says nothing, and an idle fleet neither: the difference is whether a question is answered. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send(PING);
      this.#silence = setTimeout(() => {
        // A dead network confirms no close: it counts as closed now.
        socket.onclose = null;
        socket.close();
        this.#lost(true);
      }, ANSWER_MS);
    }, SILENCE_MS);
  }

  #acknowledge(): void {
    this.#ack = undefined;
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: "ack", version: this.#version }));
  }
}
