import { FrameError } from "../frame/error.ts";
import type { Frame } from "../frame/types.ts";
import { RESET_CODES, resetCodeOf } from "../protocol/codes.ts";
import { LIMITS } from "../protocol/limits.ts";
import {
  issueOf,
  type RequestHead,
  type ResponseHead,
  requestHead,
  responseHead,
  type StreamPosition,
} from "../protocol/messages.ts";
import { type Gauge, gaugeOf } from "./gauge.ts";
import { Link } from "./link.ts";
import { type Failure, MuxStream, type StreamEvents } from "./stream.ts";
import type { Traffic } from "./traffic.ts";
import type { Defer, Transport } from "./transport.ts";

/** Request bodies start with a small window: most fit, and 1,024 of them cost an agent 64 MiB at most. */
export const REQUEST_WINDOW = LIMITS.request_window_bytes;

export interface RequestEvents extends StreamEvents {
  /** Ollama's status and headers; called once, before any data. */
  head(head: ResponseHead): void;
}

interface Request {
  head: RequestHead;
  events: RequestEvents;
  answered: boolean;
}

export interface OpenerOptions {
  defer: Defer;
  /** Window of a new stream, bytes, and of every later grant; shrinks when many are open (TN10). */
  window(): number;
  /** First stream id: random, so that ids of a forgotten life of this object are not met again. */
  firstId: number;
  /** Where what is sent is counted. */
  sent?: Traffic | undefined;
}

/** The coordinator's end of the tunnel: opens streams and receives their answers. */
export class Opener {
  readonly link: Link;
  readonly #options: OpenerOptions;
  readonly #streams = new Map<number, MuxStream>();
  readonly #requests = new WeakMap<MuxStream, Request>();
  #nextId: number;

  constructor(options: OpenerOptions) {
    this.#options = options;
    this.#nextId = options.firstId;
    this.link = new Link(options.defer, options.sent);
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Opens a stream and sends its REQUEST; without a body the caller ends the stream at once.
   * @throws Error when the agent has all the streams it may have, FrameError when the head is larger than the tunnel takes.
   */
  open(head: Omit<RequestHead, "window">, events: RequestEvents): MuxStream {
    if (this.#streams.size >= LIMITS.streams_per_agent) {
      throw new Error(`agent has ${this.#streams.size} streams, at most ${LIMITS.streams_per_agent}`);
    }
    const window = this.#options.window();
    const stream = new MuxStream(
      this.#takeId(),
      {
        ready: (ready) => this.link.ready(ready),
        control: (frame) => this.link.control(frame),
        window: this.#options.window,
        close: (closed) => this.#forget(closed),
        lingers: false,
      },
      events,
      { out: REQUEST_WINDOW, in: window },
    );
    const request = { head: { ...head, window }, events, answered: false };
    // What the agent would refuse must not leave: it would cost the socket, and with it every other stream.
    const valid = requestHead.safeParse(request.head);
    if (!valid.success) throw new FrameError(`request: ${issueOf(valid.error)}`);
    // Before the stream is known: a head that is too large throws here and leaves nothing behind.
    this.link.control({ type: "request", stream: stream.id, json: request.head });
    this.#streams.set(stream.id, stream);
    this.#requests.set(stream, request);
    return stream;
  }

  #takeId(): number {
    do {
      this.#nextId = this.#nextId >= 0xffff_ffff ? 1 : this.#nextId + 1;
    } while (this.#streams.has(this.#nextId));
    return this.#nextId;
  }

  #forget(stream: MuxStream): void {
    this.#streams.delete(stream.id);
    this.link.forget(stream);
  }

  /**
   * Takes a new socket. `theirs` is what the agent's HELLO says it still has; `welcome` makes the frame
   * that answers it, which is the first on this socket (TN12).
   */
  attach(
    transport: Transport,
    theirs: readonly StreamPosition[],
    welcome: (streams: StreamPosition[]) => Frame,
  ): void {
    this.link.attach(transport);
    const known = new Map(theirs.map((position) => [position.id, position]));
    const lost: MuxStream[] = [];
    const unseen: MuxStream[] = [];
    const seen: MuxStream[] = [];
    for (const stream of this.#streams.values()) {
      const request = this.#requestOf(stream);
      const position = known.get(stream.id);
      if (position === undefined) {
        const untouched = !request.answered && stream.in.received === 0;
        if (untouched && stream.out.restart(REQUEST_WINDOW)) unseen.push(stream);
        else lost.push(stream);
      } else if (stream.out.rewind(position.received, position.consumed, position.ended)) {
        seen.push(stream);
      } else {
        lost.push(stream);
      }
    }
    this.link.control(welcome(seen.map((stream) => stream.position(this.#requestOf(stream).answered))));
    for (const stream of unseen) {
      this.link.control({ type: "request", stream: stream.id, json: this.#requestOf(stream).head });
    }
    for (const stream of [...unseen, ...seen]) {
      // The last CREDIT may be among what was lost, and positions promise nothing: without this a sender may wait for ever.
      stream.grant();
      if (stream.out.ready) this.link.ready(stream);
    }
    for (const stream of lost) stream.fail("agent_lost");
  }

  detach(): void {
    this.link.detach();
  }

  /** The agent is gone for good: every stream fails. */
  failAll(reason: Failure): void {
    for (const stream of [...this.#streams.values()]) stream.fail(reason);
  }

  /** Streams of which the client has seen nothing yet: the caller may take them elsewhere. */
  unanswered(): MuxStream[] {
    return [...this.#streams.values()].filter((stream) => !this.#requestOf(stream).answered);
  }

  #requestOf(stream: MuxStream): Request {
    const request = this.#requests.get(stream);
    if (request === undefined) throw new Error(`stream ${stream.id} was not opened here`);
    return request;
  }

  /** @throws FrameError on a frame that breaks a rule; the caller closes the socket with its text. */
  receive(frame: Frame): void {
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) {
      this.#unknown(frame);
      return;
    }
    const request = this.#requestOf(stream);
    switch (frame.type) {
      case "response": {
        if (request.answered) throw new FrameError(`stream ${stream.id}: second response`);
        const head = responseHead.safeParse(frame.json);
        if (!head.success) throw new FrameError(`response: ${issueOf(head.error)}`);
        request.answered = true;
        request.events.head(head.data);
        return;
      }
      case "data":
        if (!request.answered) throw new FrameError(`stream ${stream.id}: data before the response`);
        stream.deliver(frame.bytes);
        return;
      case "credit":
        if (frame.window > LIMITS.window_bytes || !stream.credit(frame.consumed, frame.window)) {
          throw new FrameError(`stream ${stream.id}: credit ${frame.consumed}+${frame.window} cannot be`);
        }
        return;
      case "end":
        if (!request.answered) throw new FrameError(`stream ${stream.id}: end before the response`);
        stream.in.end(frame.total);
        this.link.control({ type: "done", stream: stream.id });
        stream.finish(frame.json);
        return;
      case "reset":
        this.link.control({ type: "done", stream: stream.id });
        stream.fail(resetCodeOf(frame.code) ?? "agent_lost");
        return;
      default:
        throw new FrameError(`${frame.type} frame from an agent`);
    }
  }

  #unknown(frame: Frame): void {
    if (this.link.waiting >= LIMITS.waiting_frames) {
      throw new FrameError(`${this.link.waiting} answers to frames of unknown streams wait to be read`);
    }
    switch (frame.type) {
      case "response":
      case "data":
      case "credit":
        this.link.control({ type: "reset", stream: frame.stream, code: RESET_CODES.unknown_stream });
        return;
      case "end":
      case "reset":
        this.link.control({ type: "done", stream: frame.stream });
        return;
      default:
        throw new FrameError(`${frame.type} frame from an agent`);
    }
  }

  /** Tells every stream's sender the window as of now; called when `windowFor` took a step down. */
  shrink(): void {
    for (const stream of this.#streams.values()) stream.grant();
  }

  gauge(): Gauge {
    return gaugeOf(this.#streams.values());
  }
}
