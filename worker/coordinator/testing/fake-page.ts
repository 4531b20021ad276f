import { type FeedMessage, type FeedState, feedMessage } from "../../../shared/api/feed.ts";
import { applyFeed } from "../../../shared/api/feed-apply.ts";
import type { Coordinator } from "../coordinator.ts";
import type { PageAttachment, PageSocket, Viewer } from "../feed/page.ts";

/** A dashboard in memory: it checks every message, applies it, and acknowledges unless it is told not to. */
export class FakePage implements PageSocket {
  readonly messages: FeedMessage[] = [];
  /** Of its diffs, bytes. */
  readonly diffSizes: number[] = [];
  readonly texts: string[] = [];
  state: FeedState | undefined;
  closed: { code: number; reason: string } | undefined;
  attachment: PageAttachment | undefined;
  acknowledges = true;
  /** Bytes that its socket is said to hold back. */
  held = 0;
  #brain: Coordinator;

  constructor(brain: Coordinator) {
    this.#brain = brain;
  }

  static open(brain: Coordinator, viewer: Partial<Viewer> = {}): FakePage {
    const page = new FakePage(brain);
    brain.feed.open(page, { token_id: null, until: null, ...viewer });
    return page;
  }

  /** The brain behind it is another one now: it slept, and woke up. */
  restore(brain: Coordinator): void {
    this.#brain = brain;
    if (this.attachment === undefined) throw new Error("nothing to restore");
    brain.feed.restore(this, this.attachment.dashboard);
  }

  get last(): FeedMessage {
    const last = this.messages.at(-1);
    if (last === undefined) throw new Error("the page was told nothing");
    return last;
  }

  /** Its state, of which it must have one. */
  get shown(): FeedState {
    if (this.state === undefined) throw new Error("the page has no snapshot");
    return this.state;
  }

  send(text: string): void {
    if (text === "pong") {
      this.texts.push(text);
      return;
    }
    const message = feedMessage.parse(JSON.parse(text));
    const before = this.messages.at(-1);
    if (message.type === "diff" && message.version !== (before?.version ?? -1) + 1) {
      throw new Error(`diff ${message.version} after ${before?.version}`);
    }
    this.messages.push(message);
    if (message.type === "diff") this.diffSizes.push(new TextEncoder().encode(text).length);
    this.state = applyFeed(this.state, message);
    if (this.acknowledges) queueMicrotask(() => this.acknowledge());
  }

  acknowledge(version = this.messages.at(-1)?.version ?? 0): void {
    this.say(JSON.stringify({ type: "ack", version }));
  }

  say(message: string | Uint8Array): void {
    if (this.closed === undefined) this.#brain.feed.message(this, message);
  }

  leave(): void {
    this.#brain.feed.closed(this);
  }

  buffered(): number {
    return this.held;
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason };
  }

  remember(attachment: PageAttachment): void {
    this.attachment = structuredClone(attachment);
  }
}
