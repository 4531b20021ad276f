import type { ServerResponse } from "node:http";
import type { ErrorCode } from "../../shared/api/errors.ts";
import type { Dialect } from "../../shared/api/ollama-routes.ts";
import type { ClientSide } from "../coordinator/client-side.ts";
import { streamError } from "../dialects/dialect.ts";

const LINE_FEED = 0x0a;

/** A client of the Node host: the relay writes straight to its `ServerResponse`. */
export class NodeClientSide implements ClientSide {
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  /** Called when the answer begins. */
  onBegun: () => void = () => {};
  gone = false;
  readonly #outgoing: ServerResponse;
  readonly #dialect: Dialect;
  readonly #requestId: string;
  readonly #extraHeaders: readonly [string, string][];
  #contentType = "";
  /** The answer's length was promised. */
  #sized = false;
  /** Bytes that the socket has not taken yet. */
  #waiting = 0;
  #lastBytes: Uint8Array | undefined;
  #corked = false;

  constructor(
    outgoing: ServerResponse,
    options: { dialect: Dialect; requestId: string; extraHeaders: readonly [string, string][] },
  ) {
    this.#outgoing = outgoing;
    this.#dialect = options.dialect;
    this.#requestId = options.requestId;
    this.#extraHeaders = options.extraHeaders;
    outgoing.on("close", this.#closed);
    outgoing.on("drain", this.#drained);
  }

  readonly #closed = (): void => {
    if (this.#outgoing.writableFinished) return;
    this.gone = true;
    this.onGone();
  };

  readonly #drained = (): void => {
    const bytes = this.#waiting;
    this.#waiting = 0;
    if (bytes > 0) this.onConsumed(bytes);
  };

  head(status: number, headers: [string, string][]): void {
    this.onBegun();
    this.#contentType = headers.find(([name]) => name === "content-type")?.[1] ?? "";
    this.#sized = headers.some(([name]) => name === "content-length");
    // The head leaves at once, and in one packet with what follows it in this turn.
    this.#outgoing.cork();
    this.#corked = true;
    this.#outgoing.writeHead(status, [...headers, ...this.#extraHeaders].flat());
    this.#outgoing.flushHeaders();
    process.nextTick(this.#uncork);
  }

  /** Before the end at the latest: Node 24 drops the body of an answer that ends while it is corked. */
  readonly #uncork = (): void => {
    if (!this.#corked) return;
    this.#corked = false;
    this.#outgoing.uncork();
  };

  write(bytes: Uint8Array): void {
    this.#lastBytes = bytes;
    if (this.#outgoing.write(bytes)) this.onConsumed(bytes.length);
    else this.#waiting += bytes.length;
  }

  end(): void {
    this.#uncork();
    this.#outgoing.end();
  }

  fail(code: ErrorCode, message: string): void {
    const cut = this.#lastBytes !== undefined && this.#lastBytes.at(-1) !== LINE_FEED;
    // Within a promised length there is no place for an error, and behind it would be the connection's next answer.
    const text = this.#sized
      ? undefined
      : streamError(this.#dialect, this.#contentType, { code, message }, this.#requestId, cut);
    this.#uncork();
    if (text === undefined) this.#outgoing.destroy();
    else this.#outgoing.end(text);
  }
}
