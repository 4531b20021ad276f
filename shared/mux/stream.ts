import type { Frame } from "../frame/types.ts";
import { RESET_CODES, type ResetCode } from "../protocol/codes.ts";
import type { StreamPosition } from "../protocol/messages.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";

/** Why a stream failed: the peer's code, or that the peer itself is lost. */
export type Failure = ResetCode | "agent_lost";

/** What happens to a stream; exactly one of `end` and `failed` is called, last, and once. */
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

  /** Ends this side's direction after what was written. */
  end(json?: unknown): void {
    if (this.#over) return;
    this.out.end({ type: "end", json });
    if (this.out.ready) this.#owner.ready(this);
  }

  /** Ends this side's direction after what was written, saying that it is not complete. */
  endWith(code: ResetCode): void {
    if (this.#over) return;
    this.out.end({ type: "reset", code: RESET_CODES[code] });
    if (this.out.ready) this.#owner.ready(this);
  }

  /** Gives up both directions at once; no event follows. */
  reset(code: ResetCode): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.control({ type: "reset", stream: this.id, code: RESET_CODES[code] });
    this.#owner.close(this);
  }

  /** The consumer took `length` bytes that `data` delivered. */
  consume(length: number): void {
    if (this.#over) return;
    if (this.in.consume(length)) this.grant();
  }

  /** Tells the peer what was consumed and the window as of now. */
  grant(): void {
    if (this.#over || this.in.ended) return;
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
    this.#events.data(bytes);
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
    this.#events.end(json);
  }

  fail(reason: Failure): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.close(this);
    this.#events.failed(reason);
  }

  /** A CREDIT frame came; false when it cannot be true. */
  credit(consumed: number, window: number): boolean {
    const unblocked = this.out.acknowledge(consumed, window);
    if (unblocked === undefined) return false;
    if (this.out.ready) this.#owner.ready(this);
    if (unblocked) this.#events.drain();
    return true;
  }

  /** Forgets the stream on this side without a word to the peer and without an event. */
  forget(): void {
    if (this.#over) return;
    this.#over = true;
    this.#owner.close(this);
  }
}
