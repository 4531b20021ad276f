import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { type Dialect, errorBody } from "./errors.ts";
import type { Journal } from "./journal.ts";
import type { Json } from "./json.ts";
import type { SeenRequest } from "./types.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

/** One request and its answer: knows when the client has left, minds back-pressure, can be cut short. */
export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly seen: SeenRequest;
  readonly path: string;
  readonly dialect: Dialect;
  body: Json = {};
  /** Part of a multipart or oversized body, for those who look for a field in it. */
  scanned: string[] = [];
  /** The body was too big to parse: `body` holds only what was found in it. */
  big = false;
  gone = false;
  /** Body bytes of the answer until the socket is destroyed. */
  cutAfter: number | undefined;
  #whenGone: (() => void)[] = [];
  #journal: Journal;

  constructor(
    journal: Journal,
    req: IncomingMessage,
    res: ServerResponse,
    path: string,
    dialect: Dialect,
    inference: boolean,
  ) {
    this.#journal = journal;
    this.req = req;
    this.res = res;
    this.path = path;
    this.dialect = dialect;
    this.seen = journal.open(req.method ?? "GET", req.url ?? "/", req.headers);
    if (inference) journal.enter(this.seen);
    res.on("close", this.#closed);
  }

  /** Runs when the client leaves or the answer is complete, whichever comes first. */
  whenGone(act: () => void): void {
    if (this.gone) act();
    else this.#whenGone.push(act);
  }

  head(status: number, contentType: string | undefined, headers?: OutgoingHttpHeaders): void {
    // Go sends no Connection header on a connection that stays.
    if (this.res.shouldKeepAlive) this.res.removeHeader("connection");
    if (contentType === undefined) this.res.writeHead(status, headers);
    else this.res.writeHead(status, { "Content-Type": contentType, ...headers });
  }

  /** A promise only when the client is slower than the answer. */
  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.gone) return undefined;
    const part = this.cutAfter === undefined ? data : this.#cut(data);
    return part === undefined || this.res.write(part) ? undefined : this.#drained();
  }

  end(data?: string): void {
    if (this.gone) return;
    if (this.cutAfter === undefined) {
      this.res.end(data);
      return;
    }
    const part = data === undefined ? undefined : this.#cut(data);
    if (!this.gone && this.cutAfter !== undefined) this.res.end(part);
  }

  send(status: number, contentType: string, body: string, headers?: OutgoingHttpHeaders): void {
    if (this.gone) return;
    this.head(status, contentType, { "Content-Length": Buffer.byteLength(body), ...headers });
    this.end(body);
  }

  json(body: unknown, status = 200): void {
    this.send(status, JSON_TYPE, JSON.stringify(body));
  }

  /** Native success of copy, delete and blobs, and every refused Host or Origin. */
  empty(status: number, headers?: OutgoingHttpHeaders): void {
    if (this.gone) return;
    this.head(status, undefined, status === 204 ? headers : { "Content-Length": 0, ...headers });
    this.end();
  }

  fail(status: number, message: string): void {
    this.send(status, JSON_TYPE, errorBody(this.dialect, status, message));
  }

  modelIs(model: string): void {
    this.seen.model = model;
  }

  /** The stand-in's own doing, so not recorded as the client's. */
  destroy(): void {
    this.#journal.settle(this.seen, "done");
    this.res.destroy();
  }

  /** What may still be sent of `data`; after the last of it has left, the socket goes. */
  #cut(data: string | Uint8Array): Uint8Array | undefined {
    const left = this.cutAfter ?? 0;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (bytes.length < left) {
      this.cutAfter = left - bytes.length;
      return bytes;
    }
    this.#journal.settle(this.seen, "done");
    if (left === 0) {
      this.res.flushHeaders();
      // A write of nothing has no callback to wait for; the headers leave before the next turn.
      setImmediate(() => this.res.destroy());
    } else {
      this.res.write(bytes.subarray(0, left), () => this.res.destroy());
    }
    this.#leave();
    return undefined;
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.res.once("drain", resolve);
      this.whenGone(resolve);
    });
  }

  #leave(): void {
    if (this.gone) return;
    this.gone = true;
    const acts = this.#whenGone;
    this.#whenGone = [];
    for (const act of acts) act();
  }

  readonly #closed = (): void => {
    this.#journal.settle(this.seen, this.res.writableFinished ? "done" : "aborted");
    this.#leave();
  };
}
