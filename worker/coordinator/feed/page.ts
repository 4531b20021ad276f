import { FEED } from "../../../shared/api/feed.ts";

/** Nothing is added to what a socket has not sent yet beyond this, bytes. */
export const MOST_BUFFERED = 256 * 1024;

/** Who looks, as far as the feed has to know. */
export interface Viewer {
  /** The access token that it came in with; null: another way. */
  token_id: string | null;
  /** The session by whose cookie it came in; absent: another way. */
  session_id?: string;
  /** When its session ends, ms; null: something else ends it. */
  until: number | null;
}

/** What must survive hibernation with a page's socket. */
export interface PageAttachment {
  dashboard: Viewer;
}

/** A dashboard's WebSocket as the brain sees it. */
export interface PageSocket {
  send(text: string): void;
  /** Bytes that were sent and have not left; 0 where the platform does not say. */
  buffered(): number;
  close(code: number, reason: string): void;
  /** Keeps the attachment with the socket, over hibernation. */
  remember(attachment: PageAttachment): void;
}

/** One open dashboard, and how far it follows. */
export class Page {
  readonly socket: PageSocket;
  readonly viewer: Viewer;
  /** Whether the next thing it gets is a snapshot; undefined: none is due, it gets diffs. */
  #waits: "now" | "change" | "acknowledgement" | undefined;
  #sent = 0;
  #acknowledged = 0;
  /** Since when it lags, ms. */
  lagsSince: number | undefined;

  /** @param asleep it was there before this life of the brain: what it shows is what is, until something changes */
  constructor(socket: PageSocket, viewer: Viewer, asleep: boolean) {
    this.socket = socket;
    this.viewer = viewer;
    this.#waits = asleep ? "change" : "now";
  }

  /** Whether it gets diffs. */
  get inStep(): boolean {
    return this.#waits === undefined;
  }

  /** Whether it is to get a snapshot although nothing has changed. */
  get wantsSnapshot(): boolean {
    return this.#waits === "now";
  }

  /** Something has changed of which it was told before this life of the brain. */
  wake(): void {
    if (this.#waits === "change") this.#waits = "now";
  }

  /** What it was told may be wrong: with the next change it gets a snapshot. */
  lose(): void {
    this.#waits = "change";
  }

  snapshot(version: number, text: string): void {
    this.#waits = undefined;
    this.lagsSince = undefined;
    this.#sent = version;
    this.#acknowledged = version;
    this.socket.send(text);
  }

  /** One that lags does not get it, and nothing more until it has caught up. */
  diff(version: number, text: string, now: number): void {
    const behind = this.#sent - this.#acknowledged >= FEED.unacknowledged;
    if (behind || this.socket.buffered() > MOST_BUFFERED) {
      this.#waits = "acknowledgement";
      this.lagsSince = now;
      return;
    }
    this.#sent = version;
    this.socket.send(text);
  }

  acknowledge(version: number): void {
    if (version > this.#acknowledged && version <= this.#sent) this.#acknowledged = version;
    this.catchUp();
  }

  /** Whether one that lagged has taken in all that it was sent. */
  catchUp(): void {
    if (this.#waits !== "acknowledgement" || this.#acknowledged < this.#sent) return;
    if (this.socket.buffered() === 0) this.#waits = "now";
  }
}
