import { fits } from "../frame/codec.ts";
import { FrameError } from "../frame/error.ts";
import type { Frame } from "../frame/types.ts";
import { RESET_CODES, type ResetCode, resetCodeOf } from "../protocol/codes.ts";
import { LIMITS, windowFor } from "../protocol/limits.ts";
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
import { REQUEST_WINDOW } from "./opener.ts";
import { MuxStream, type StreamEvents } from "./stream.ts";
import type { Defer, Transport } from "./transport.ts";

/** A request that arrived; `respond` once, then `stream.write`, then `stream.end` or `stream.endWith`. */
export interface Incoming {
  readonly head: RequestHead;
  readonly stream: MuxStream;
  /** A head larger than the tunnel takes ends the stream with `limit`, and `failed` is called with it. */
  respond(head: ResponseHead): void;
}

export interface AcceptorOptions {
  defer: Defer;
  /** Called for each REQUEST; the events returned are those of the request body and of cancellation. */
  accept(incoming: Incoming): StreamEvents;
}

/** The agent's end of the tunnel: accepts streams and answers them. A stream stays until DONE says that its end arrived. */
export class Acceptor {
  readonly link: Link;
  readonly #options: AcceptorOptions;
  readonly #streams = new Map<number, MuxStream>();
  readonly #heads = new WeakMap<MuxStream, ResponseHead>();

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.link = new Link(options.defer);
  }

  get size(): number {
    return this.#streams.size;
  }

  /** What HELLO says of the streams that this agent still has. */
  positions(): StreamPosition[] {
    return [...this.#streams.values()].map((stream) => stream.position(true));
  }

  /** WELCOME came on a new socket: streams in `theirs` go on, the others are over (TN12). */
  attach(transport: Transport, theirs: readonly StreamPosition[]): void {
    this.link.attach(transport);
    const known = new Map(theirs.map((position) => [position.id, position]));
    for (const stream of [...this.#streams.values()]) {
      const position = known.get(stream.id);
      known.delete(stream.id);
      if (position === undefined) {
        this.#concluded(stream);
        continue;
      }
      if (!stream.out.rewind(position.received, position.consumed, position.ended)) {
        this.link.control({ type: "reset", stream: stream.id, code: RESET_CODES.unknown_stream });
        stream.fail("cancelled");
        continue;
      }
      const head = this.#heads.get(stream);
      if (!position.head && head !== undefined) {
        this.link.control({ type: "response", stream: stream.id, json: head });
      }
      stream.grant();
      if (stream.out.ready) this.link.ready(stream);
    }
    // Given up here after HELLO was written: the coordinator would wait for their answers for ever.
    for (const id of known.keys()) {
      this.link.control({ type: "reset", stream: id, code: RESET_CODES.unknown_stream });
    }
  }

  /** The coordinator has no such stream any more: it got the whole answer, or does not want it. */
  #concluded(stream: MuxStream): void {
    if (stream.out.ended && stream.in.ended) stream.forget();
    else stream.fail("cancelled");
  }

  detach(): void {
    this.link.detach();
  }

  /** The resume window is over, or the agent stops: nobody waits for these answers any more. */
  cancelAll(): void {
    for (const stream of [...this.#streams.values()]) stream.fail("cancelled");
  }

  /** @throws FrameError on a frame that breaks a rule; the caller closes the socket with its text. */
  receive(frame: Frame): void {
    if (frame.type === "request") {
      this.#accept(frame.stream, frame.json);
      return;
    }
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) {
      if (frame.type === "data" || frame.type === "credit" || frame.type === "end") {
        this.#refuse(frame.stream, "unknown_stream");
      } else if (frame.type !== "reset" && frame.type !== "done") {
        throw new FrameError(`${frame.type} frame from a coordinator`);
      }
      return;
    }
    switch (frame.type) {
      case "data":
        stream.deliver(frame.bytes);
        return;
      case "credit":
        if (frame.window > LIMITS.window_bytes || !stream.credit(frame.consumed, frame.window)) {
          throw new FrameError(`stream ${stream.id}: credit ${frame.consumed}+${frame.window} cannot be`);
        }
        return;
      case "end":
        stream.in.end(frame.total);
        stream.halfEnd(frame.json);
        return;
      case "reset":
        stream.fail(resetCodeOf(frame.code) ?? "cancelled");
        return;
      case "done":
        this.#concluded(stream);
        return;
      default:
        throw new FrameError(`${frame.type} frame from a coordinator`);
    }
  }

  #accept(id: number, json: unknown): void {
    const parsed = requestHead.safeParse(json);
    if (!parsed.success) {
      throw new FrameError(`request: ${issueOf(parsed.error)}`);
    }
    if (this.#streams.has(id)) throw new FrameError(`stream ${id} opened twice`);
    if (this.#streams.size >= LIMITS.streams_per_agent) {
      this.#refuse(id, "limit");
      return;
    }
    const head = parsed.data;
    // The stream needs its events and the events need the stream: requests reach `events` only once both exist.
    let events: StreamEvents | undefined;
    const stream = new MuxStream(
      id,
      {
        ready: (ready) => this.link.ready(ready),
        control: (frame) => this.link.control(frame),
        window: () => Math.min(REQUEST_WINDOW, windowFor(this.#streams.size)),
        close: (closed) => this.#forget(closed),
        lingers: true,
      },
      {
        data: (bytes) => events?.data(bytes),
        end: (end) => events?.end(end),
        failed: (reason) => events?.failed(reason),
        drain: () => events?.drain(),
      },
      { out: head.window, in: REQUEST_WINDOW },
    );
    this.#streams.set(id, stream);
    events = this.#options.accept({ head, stream, respond: (response) => this.#respond(stream, response) });
  }

  #respond(stream: MuxStream, head: ResponseHead): void {
    if (stream.over) return;
    if (this.#heads.has(stream)) throw new Error(`stream ${stream.id} responded twice`);
    const frame: Frame = { type: "response", stream: stream.id, json: head };
    if (!responseHead.safeParse(head).success || !fits(frame)) {
      // Ollama's head, not a bug of the caller; sent, it would cost the socket and with it every other stream.
      stream.resetAndFail("limit");
      return;
    }
    this.#heads.set(stream, head);
    this.link.control(frame);
  }

  /** Answers a frame for which there is no stream. */
  #refuse(id: number, code: ResetCode): void {
    if (this.link.waiting >= LIMITS.waiting_frames) {
      throw new FrameError(`${this.link.waiting} answers to frames of unknown streams wait to be read`);
    }
    this.link.control({ type: "reset", stream: id, code: RESET_CODES[code] });
  }

  #forget(stream: MuxStream): void {
    this.#streams.delete(stream.id);
    this.link.forget(stream);
  }

  gauge(): Gauge {
    return gaugeOf(this.#streams.values());
  }
}
