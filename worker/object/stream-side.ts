import type { ErrorCode } from "../../shared/api/errors.ts";
import type { Dialect } from "../../shared/api/ollama-routes.ts";
import type { ClientSide } from "../coordinator/client-side.ts";
import { streamError } from "../dialects/dialect.ts";

const LINE_FEED = 0x0a;
/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304]);

/** A client behind the Worker: the relay writes into the stream of the object's response. */
export class StreamSide implements ClientSide {
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  gone = false;
  /** Resolves when the answer begins. */
  readonly response: Promise<Response>;
  readonly #dialect: Dialect;
  readonly #requestId: string;
  #respond: (response: Response) => void = () => {};
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #contentType = "";
  /** The answer's length was promised. */
  #sized = false;
  #lastBytes: Uint8Array | undefined;
  /** What was written in the turn of the head; undefined before it and after it. */
  #early: Uint8Array[] | undefined;
  #ended = false;

  constructor(options: { dialect: Dialect; requestId: string; signal: AbortSignal }) {
    this.#dialect = options.dialect;
    this.#requestId = options.requestId;
    this.response = new Promise((resolve) => {
      this.#respond = resolve;
    });
    if (options.signal.aborted) this.gone = true;
    else options.signal.addEventListener("abort", this.#leave);
  }

  /** The signal and a failed write both say it, and neither always: listen to both. */
  readonly #leave = (): void => {
    if (this.gone) return;
    this.gone = true;
    this.onGone();
  };

  /** The answer begins at the end of this turn: one that is complete by then needs no stream. */
  head(status: number, headers: [string, string][]): void {
    this.#contentType = headers.find(([name]) => name === "content-type")?.[1] ?? "";
    this.#sized = headers.some(([name]) => name === "content-length");
    this.#early = [];
    queueMicrotask(() => this.#begin(status, headers));
  }

  #begin(status: number, headers: [string, string][]): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    const init = { status, headers, encodeBody: "manual" } as const;
    if (BODILESS.has(status)) {
      this.#respond(new Response(null, init));
      return;
    }
    if (this.#ended) {
      this.#respond(new Response(concat(early), init));
      return;
    }
    const length = headers.find(([name]) => name === "content-length")?.[1];
    const stream =
      length === undefined ? new IdentityTransformStream() : new FixedLengthStream(Number(length));
    this.#writer = stream.writable.getWriter();
    // A client that leaves rejects this; the write under way says so too.
    this.#writer.closed.catch(this.#leave);
    this.#respond(new Response(stream.readable, init));
    for (const bytes of early) this.#send(bytes);
  }

  write(bytes: Uint8Array): void {
    this.#lastBytes = bytes;
    if (this.#early !== undefined) this.#early.push(bytes);
    else this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#writer?.write(bytes).then(() => this.onConsumed(bytes.length), this.#leave);
  }

  end(): void {
    this.#ended = true;
    this.#writer?.close().catch(this.#leave);
  }

  fail(code: ErrorCode, message: string): void {
    if (this.#early !== undefined) {
      // Head and failure in one turn: the stream has to be there to fail.
      queueMicrotask(() => this.fail(code, message));
      return;
    }
    const cut = this.#lastBytes !== undefined && this.#lastBytes.at(-1) !== LINE_FEED;
    // Within a promised length there is no place for an error.
    const text = this.#sized
      ? undefined
      : streamError(this.#dialect, this.#contentType, { code, message }, this.#requestId, cut);
    if (text === undefined) {
      this.#writer?.abort(new Error(message)).catch(this.#leave);
    } else {
      this.#writer?.write(new TextEncoder().encode(text)).catch(this.#leave);
      this.end();
    }
  }
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
