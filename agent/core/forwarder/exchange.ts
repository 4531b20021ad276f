import type { ClientRequest, IncomingMessage } from "node:http";
import type { OllamaRoute } from "../../../shared/api/ollama-routes.ts";
import type { Incoming } from "../../../shared/mux/acceptor.ts";
import type { StreamEvents } from "../../../shared/mux/stream.ts";
import type { ResetCode } from "../../../shared/protocol/codes.ts";
import type { Clock } from "../clock.ts";
import { codeOf, textOf } from "../network-error.ts";
import { answerStats } from "./answer-stats.ts";
import { type BodyGuard, bodyGuard } from "./body-guard.ts";
import { EventCount } from "./event-count.ts";
import { requestHeaders, responseHeaders } from "./headers.ts";
import { LastWord } from "./last-word.ts";
import type { OllamaTarget } from "./ollama-target.ts";
import { RequestBody } from "./request-body.ts";
import { Tail } from "./tail.ts";
import { Watch } from "./watch.ts";

/** How long Ollama may take for what; from WELCOME. */
export interface ForwardTimes {
  connect_ms: number;
  first_byte_ms: number;
  idle_ms: number;
}

export interface ExchangeOptions {
  incoming: Incoming;
  route: OllamaRoute;
  target: OllamaTarget;
  times: ForwardTimes;
  clock: Clock;
  /** Before the answer of a request that changed the machine ends; never rejects. */
  refresh(): Promise<void>;
  /** Whether the owner lets a model be used, by the name that a body has. */
  allows(model: string): boolean;
  /** Whether the request may search the web on ollama.com. */
  maySearch: boolean;
  /**
   * Called once, when nothing of this exchange is left; `failure` says why it did not end well.
   * @param answered the whole answer was passed on
   */
  done(failure: { code: ResetCode; reason: string } | undefined, answered: boolean): void;
}

/**
 * One request and its answer, between a stream of the tunnel and Ollama. It alone owns the request's socket and timer, and
 * `#finish` is the only way out.
 */
export class Exchange implements StreamEvents {
  readonly #options: ExchangeOptions;
  readonly #body: RequestBody;
  readonly #guard: BodyGuard | undefined;
  readonly #watch: Watch;
  readonly #tail: Tail | undefined;
  #events: EventCount | undefined;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  /** Of an answer that changed the machine: its end waits until the coordinator's lists are up to date. */
  #lastWord: LastWord | undefined;
  /** Bytes of the request's body that came. */
  #received = 0;
  #ended = false;
  #connected = false;
  #retried = false;
  #finished = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { stream, head } = options.incoming;
    this.#body = new RequestBody((bytes) => {
      stream.consume(bytes);
      this.#watch.touch();
    });
    this.#watch = new Watch(options.clock, () => this.#expired());
    this.#tail = options.route.class === "infer" ? new Tail() : undefined;
    this.#guard = bodyGuard(options.route, {
      headers: head.headers,
      allows: options.allows,
      maySearch: options.maySearch,
      refuse: (code, reason) => this.#fail(code, reason),
    });
    // A request without a body does not wait for its END frame.
    if (head.content_length === 0) this.#open();
  }

  data(bytes: Uint8Array): void {
    if (this.#finished) {
      this.#options.incoming.stream.consume(bytes.length);
      return;
    }
    const declared = this.#options.incoming.head.content_length;
    // Beyond its Content-Length, Ollama would read the rest as another request, one that no guard has seen.
    this.#received += bytes.length;
    if (declared >= 0 && this.#received > declared) {
      this.#options.incoming.stream.consume(bytes.length);
      this.#fail("limit", `body longer than its declared ${declared} bytes`);
      return;
    }
    if (this.#guard === undefined) this.#take(bytes);
    else this.#guard.take(bytes, this.#take);
  }

  readonly #take = (bytes: Uint8Array): void => {
    if (this.#finished) return;
    const tooLarge = this.#body.add(bytes);
    if (tooLarge && !this.#body.streaming) this.#open();
    else if (this.#body.streaming) this.#watch.touch();
  };

  end(): void {
    if (this.#finished || this.#ended) return;
    this.#ended = true;
    const declared = this.#options.incoming.head.content_length;
    if (declared > 0 && this.#received < declared) {
      this.#fail("limit", `body of ${this.#received} bytes, ${declared} declared`);
      return;
    }
    if (this.#guard === undefined) this.#endBody();
    else this.#guard.end(this.#endBody);
  }

  readonly #endBody = (): void => {
    if (this.#finished) return;
    this.#body.end();
    if (this.#request === undefined) this.#open();
    else this.#watch.touch();
  };

  /** The client went away, or nobody waits any more: Ollama must stop at once. */
  failed(): void {
    this.#finish(undefined);
  }

  drain(): void {
    if (this.#finished) return;
    this.#watch.hold(false);
    this.#response?.resume();
  }

  #open(): void {
    const { incoming, target, times } = this.#options;
    const { method, path, headers, content_length } = incoming.head;
    const whole = this.#body.ended || content_length === 0;
    const length = whole ? this.#body.length : content_length;
    const request = target.request(
      method,
      path,
      requestHeaders(target.host, method, headers, length),
      this.#retried,
    );
    this.#request = request;
    this.#connected = false;
    request.on("socket", (socket) => {
      if (this.#finished) return;
      if (socket.connecting) {
        this.#watch.limit(times.connect_ms);
        socket.once(target.connectEvent, () => this.#onConnected(request));
      } else this.#onConnected(request);
    });
    request.on("response", (response) => this.#onResponse(request, response));
    request.on("error", (error) => this.#onError(request, error));
    if (!whole) this.#body.stream(request);
    else if (this.#body.length > 0) request.end(this.#body.whole());
    else request.end();
  }

  #onConnected(request: ClientRequest): void {
    if (this.#finished || request !== this.#request) return;
    this.#connected = true;
    if (this.#response === undefined) this.#watch.limit(this.#options.times.first_byte_ms);
  }

  #onResponse(request: ClientRequest, response: IncomingMessage): void {
    if (this.#finished || request !== this.#request) {
      response.destroy();
      return;
    }
    this.#response = response;
    this.#watch.limit(this.#options.times.idle_ms);
    const { incoming, route } = this.#options;
    if (route.class === "manage" && incoming.head.method !== "HEAD") {
      this.#lastWord = new LastWord(response.headers["content-length"]);
    }
    if (this.#lastWord?.isHead !== true) this.#respond(response);
    if (this.#finished) return;
    const { stream } = incoming;
    const tail = response.statusCode === 200 ? this.#tail : undefined;
    const streams = response.headers["content-type"]?.startsWith("text/event-stream") === true;
    if (tail !== undefined && streams && route.dialect === "openai") this.#events = new EventCount();
    response.on("data", (chunk: Buffer) => {
      if (this.#finished) return;
      this.#watch.touch();
      tail?.push(chunk);
      this.#events?.push(chunk);
      for (const piece of this.#lastWord?.take(chunk) ?? [chunk]) {
        if (stream.write(piece)) continue;
        response.pause();
        this.#watch.hold(true);
      }
    });
    response.on("end", () => this.#onEnd(response));
    response.on("error", (error) => this.#onError(request, error));
  }

  #respond(response: IncomingMessage): void {
    const { statusCode, rawHeaders } = response;
    this.#options.incoming.respond({ status: statusCode ?? 502, headers: responseHeaders(rawHeaders) });
  }

  #onEnd(response: IncomingMessage): void {
    if (this.#finished) return;
    const lastWord = this.#lastWord;
    if (lastWord === undefined) {
      this.#end();
      return;
    }
    // The coordinator's lists are up to date when its client knows that the answer is complete: STATE has to leave first.
    this.#watch.stop();
    this.#options.refresh().then(() => {
      if (this.#finished) return;
      if (lastWord.isHead) this.#respond(response);
      if (lastWord.kept !== undefined && !this.#finished) this.#options.incoming.stream.write(lastWord.kept);
      this.#end();
    });
  }

  #end(): void {
    if (this.#finished) return;
    const stats =
      this.#tail === undefined
        ? undefined
        : answerStats(this.#tail, this.#options.route.dialect, this.#events?.events);
    this.#options.incoming.stream.end(stats);
    this.#finish(undefined, true);
  }

  #onError(request: ClientRequest, error: unknown): void {
    if (this.#finished || request !== this.#request) return;
    if (this.#response !== undefined) {
      // A body that Ollama did not want may fail after the whole answer came.
      if (!this.#response.complete) this.#fail("ollama_cut", textOf(error));
      return;
    }
    // Ollama closed an idle connection at the moment it was used again: not a failure of this request.
    if (request.reusedSocket && !this.#retried && !this.#body.streaming && isReset(error)) {
      this.#retried = true;
      this.#open();
      return;
    }
    this.#fail("ollama_unreachable", textOf(error));
  }

  #expired(): void {
    const { times } = this.#options;
    if (!this.#connected) this.#fail("ollama_unreachable", `no connection within ${times.connect_ms} ms`);
    else if (this.#response === undefined) {
      // An upload that the client does not go on with is not Ollama's silence.
      if (!this.#body.ended && this.#body.streaming && !this.#body.waitsForOllama) {
        this.#watch.limit(times.first_byte_ms);
        return;
      }
      this.#fail("ollama_timeout", `no answer within ${times.first_byte_ms} ms`);
    } else this.#fail("ollama_timeout", `silent for ${times.idle_ms} ms`);
  }

  #fail(code: ResetCode, reason: string): void {
    if (this.#finished) return;
    this.#options.incoming.stream.endWith(code);
    this.#finish({ code, reason });
  }

  #finish(failure: { code: ResetCode; reason: string } | undefined, answered = false): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#watch.stop();
    this.#guard?.close();
    this.#body.drop();
    // Read to its end in both directions, the socket is back in the pool; otherwise Ollama learns that nobody waits.
    const complete = this.#response?.readableEnded === true && this.#request?.writableFinished === true;
    if (!complete) this.#request?.destroy();
    this.#options.done(failure, answered);
  }
}

function isReset(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ECONNRESET" || code === "EPIPE";
}
