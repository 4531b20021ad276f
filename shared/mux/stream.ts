import { encode } from "../frame/codec.ts";
import type { Frame } from "../frame/types.ts";
import { RESET_CODES, type ResetCode } from "../protocol/codes.ts";
import type { StreamPosition } from "../protocol/messages.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import { unpinned } from "./unpinned.ts";

/** Why a stream failed: the peer's code, or that the peer itself is lost. */
export type Failure = ResetCode | "agent_lost";

/**
 * What happens to a stream. On the coordinator's end exactly one of `end` and `failed` is called, once and last. On the
 * agent's, `end` says that the request is complete, and `failed` may still follow it: nobody wants the answer any more.
 * Nothing follows `failed`, and nothing this side's own `reset`.
 */
export interface StreamEvents {
  data(bytes: Uint8Array): void;
  end(json: unknown): void;
  failed(reason: Failure): void;
  /** A writer that was told to wait may go on. */
  drain(): void;
}

/** What a stream needs of the multiplexer that owns it. */
export interface StreamOwner {
  /** The stream has something for the wire. */
  ready(stream: MuxStream): void;
  /** A frame of this stream that does not wait for its data. */
  control(frame: Frame): void;
  /** Window for this stream, bytes, as of now. */
  window(): number;
  /** The stream is over for this side and is to be forgotten. */
  close(stream: MuxStream): void;
  /**
   * Whether this end's last word stays until the peer has confirmed it (TN13). The agent's does: without it a resumption
   * would take the stream for one whose REQUEST was lost, and run it again.
   */
  lingers: boolean;
}

/** One request and its answer on the tunnel: two directions, each with its own credit. */
export class MuxStream {
  readonly id: number;
  readonly out: Outbound;
  readonly in: Inbound;
  #owner: StreamOwner;
  #events: StreamEvents;
  #over = false;

  constructor(id: number, owner: StreamOwner, events: StreamEvents, windows: { out: number; in: number }) {
    this.id = id;
    this.#owner = owner;
    this.#events = events;
    this.out = new Outbound(id, windows.out);
    this.in = new Inbound(id, windows.in);
  }

  /** True once `end` or `failed` was called, or this side reset the stream. */
  get over(): boolean {
    return this.#over;
  }

  /** Sends bytes; false: wait for `drain` before the next. Bytes for a stream that is over are dropped. */
  write(bytes: Uint8Array): boolean {
    if (this.#over) return true;
    const room = this.out.write(bytes);
    if (this.out.ready) this.#owner.ready(this);
    return room;
  }

  /**
   * Ends this side's direction after what was written.
   * @throws FrameError when `json` is larger than an END frame takes.
   */
  end(json?: unknown): void {
    if (this.#over) return;
    if (json !== undefined) encode([{ type: "end", stream: this.id, total: 0, json }]);
    this.out.end({ type: "end", json });
    if (this.out.ready) this.#owner.ready(this);
  }

  /**
   * Ends this side's direction after what was written, saying that it is not complete. A request that is not complete is
   * given up whole.
   */
  endWith(code: ResetCode): void {
    if (this.#over) return;
    if (!this.#owner.lingers) {
      this.reset(code);
      return;
    }
    this.out.end({ type: "reset", code: RESET_CODES[code] });
    if (this.out.ready) this.#owner.ready(this);
  }

  /** Gives up both directions at once; no event follows. */
  reset(code: ResetCode): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#owner.lingers) {
      this.in.consume(this.in.held);
      this.out.abandon({ type: "reset", code: RESET_CODES[code] });
      if (this.out.ready) this.#owner.ready(this);
      return;
    }
    this.#owner.control({ type: "reset", stream: this.id, code: RESET_CODES[code] });
    this.#owner.close(this);
  }

  /** Gives up as `reset` does, for a reason that this side's user does not know of yet. */
  resetAndFail(code: ResetCode): void {
    if (this.#over) return;
    this.reset(code);
    this.#events.failed(code);
  }

  /** The consumer took `length` bytes that `data` delivered. */
  consume(length: number): void {
    if (this.#over) return;
    if (this.in.consume(length)) this.grant();
  }

  /** Tells the peer what was consumed and the window as of now. */
  grant(): void {
    if (this.#over || (this.in.ended && !this.in.owing)) return;
    this.#owner.control({ type: "credit", stream: this.id, ...this.in.report(this.#owner.window()) });
  }

  position(head: boolean): StreamPosition {
    return {
      id: this.id,
      received: this.in.received,
      consumed: this.in.consumed,
      ended: this.in.ended,
      head,
    };
  }

  /** A DATA frame came. */
  deliver(bytes: Uint8Array): void {
    this.in.receive(bytes.length);
    if (this.#over) this.in.consume(bytes.length);
    else this.#events.data(unpinned(bytes));
  }

  /** An END frame came for a direction that is the last word of this stream. */
  finish(json: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.close(this);
    this.#events.end(json);
  }

  /** An END frame came, and the other direction goes on. */
  halfEnd(json: unknown): void {
    if (!this.#over) this.#events.end(json);
  }

  fail(reason: Failure): void {
    const over = this.#over;
    this.#over = true;
    this.#owner.close(this);
    if (!over) this.#events.failed(reason);
  }

  /** A CREDIT frame came; false when it cannot be true. */
  credit(consumed: number, window: number): boolean {
    const unblocked = this.out.acknowledge(consumed, window);
    if (unblocked === undefined) return false;
    if (this.out.ready) this.#owner.ready(this);
    if (unblocked && !this.#over) this.#events.drain();
    return true;
  }

  /** Forgets the stream on this side without a word to the peer and without an event. */
  forget(): void {
    this.#over = true;
    this.#owner.close(this);
  }
}
