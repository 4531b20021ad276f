import type { ErrorCode } from "../../shared/api/errors.ts";
import { FrameError } from "../../shared/frame/error.ts";
import type { RequestEvents } from "../../shared/mux/opener.ts";
import type { Failure, MuxStream } from "../../shared/mux/stream.ts";
import {
  type AnswerStats,
  answerStats,
  type RequestHead,
  type ResponseHead,
} from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import { answerHeaders } from "./answer-headers.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import { BadBodyError } from "./unpacked-body.ts";

/** How one attempt ended. */
export type AttemptEnd =
  /** Ollama's whole answer is with the client. */
  | { kind: "complete"; status: number; bytes: number; stats: AnswerStats | undefined }
  /** The client has seen a part; it was told of the error. */
  | { kind: "broken"; status: number; bytes: number; code: ErrorCode }
  /** Nothing was sent to the client: another agent may try. */
  | { kind: "lost"; code: ErrorCode }
  /** The client left. */
  | { kind: "gone"; status: number | undefined; bytes: number };

/** What a failure of the tunnel is called towards a client. */
const CODE_OF: Record<Failure, ErrorCode> = {
  agent_lost: "agent_lost",
  cancelled: "agent_lost",
  unknown_stream: "agent_lost",
  stopping: "agent_lost",
  limit: "agent_lost",
  ollama_unreachable: "ollama_unreachable",
  ollama_cut: "ollama_cut",
  ollama_timeout: "ollama_timeout",
  route_refused: "forbidden",
  owner_refused: "forbidden",
  body_refused: "bad_request",
};

const MESSAGE_OF: Partial<Record<ErrorCode, string>> = {
  agent_lost: "the machine that was answering was lost",
  ollama_unreachable: "the machine's Ollama cannot be reached",
  ollama_cut: "the machine's Ollama ended its answer early",
  ollama_timeout: "the machine's Ollama did not answer in time",
  forbidden: "the machine's owner does not allow this",
  bad_request:
    "the request is not valid: its headers are too long, or its body names two models or is not packed as they say",
};

export function messageOf(code: ErrorCode): string {
  return MESSAGE_OF[code] ?? code;
}

/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304]);

/** One try at one agent: the client's body up, the answer down, and one end, whatever happens. */
export class Attempt implements RequestEvents {
  readonly agent: Agent;
  readonly ended: Promise<AttemptEnd>;
  readonly #client: ClientSide;
  readonly #body: ByteSource | null;
  readonly #headers: (status: number) => [string, string][];
  #stream: MuxStream | undefined;
  #status: number | undefined;
  #bytes = 0;
  /** Length of the answer's body where it is known; an agent may claim what it likes. */
  #length: number | undefined;
  #bodiless = false;
  #over = false;
  #settle: (end: AttemptEnd) => void = () => {};
  #drained: (() => void) | undefined;

  constructor(options: {
    agent: Agent;
    client: ClientSide;
    body: ByteSource | null;
    /** The coordinator's own headers for an answer with this status; called when the head arrives. */
    headers: (status: number) => [string, string][];
  }) {
    this.agent = options.agent;
    this.#client = options.client;
    this.#body = options.body;
    this.#headers = options.headers;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Whether the client has seen a part of the answer. */
  get answered(): boolean {
    return this.#status !== undefined;
  }

  /** Of the answer's body, so far. */
  get bytes(): number {
    return this.#bytes;
  }

  start(head: Omit<RequestHead, "window">): void {
    const tunnel = this.agent.tunnel;
    if (tunnel === undefined) {
      this.#finish({ kind: "lost", code: "agent_lost" });
      return;
    }
    this.#bodiless = head.method === "HEAD";
    this.#client.onGone = () => this.#leave();
    this.#client.onConsumed = (bytes) => this.#stream?.consume(bytes);
    try {
      this.#stream = tunnel.opener.open(head, this);
    } catch (error) {
      // A head that the wire refuses is refused by every agent; too many streams is this agent's own trouble.
      this.#finish({ kind: "lost", code: error instanceof FrameError ? "bad_request" : "agent_lost" });
      return;
    }
    if (this.#client.gone) this.#leave();
    else void this.#sendBody(this.#stream);
  }

  async #sendBody(stream: MuxStream): Promise<void> {
    const body = this.#body;
    if (body === null) {
      stream.end();
      return;
    }
    try {
      while (!this.#over) {
        let chunk = body.read();
        if (chunk instanceof Promise) chunk = await chunk;
        if (chunk === null) {
          stream.end();
          return;
        }
        if (!stream.write(chunk) && !this.#over) {
          await new Promise<void>((resolve) => {
            this.#drained = resolve;
          });
        }
      }
    } catch (error) {
      if (error instanceof BadBodyError) {
        stream.reset("cancelled");
        this.failed("body_refused");
        return;
      }
      // The client stopped in the middle of its own body: there is nobody left to answer.
      this.#leave();
    }
  }

  #leave(): void {
    if (this.#over) return;
    this.#stream?.reset("cancelled");
    this.#finish({ kind: "gone", status: this.#status, bytes: this.#bytes });
  }

  /** The agent is lost and somebody else can serve this: give it up without a word to the client. */
  abandon(): void {
    if (this.#over || this.answered) return;
    this.#stream?.reset("cancelled");
    this.#finish({ kind: "lost", code: "agent_lost" });
  }

  #finish(end: AttemptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.drain();
    this.#client.onGone = () => {};
    this.#client.onConsumed = () => {};
    this.#settle(end);
  }

  head(head: ResponseHead): void {
    if (this.#over) return;
    this.#status = head.status;
    const passed = answerHeaders(head.headers);
    const declared = passed.find(([name]) => name === "content-length")?.[1];
    if (this.#bodiless || BODILESS.has(head.status)) this.#length = 0;
    else if (declared !== undefined) this.#length = Number(declared);
    this.#client.head(head.status, [...passed, ...this.#headers(head.status)]);
  }

  data(bytes: Uint8Array): void {
    if (this.#over) return;
    if (this.#length !== undefined && this.#bytes + bytes.length > this.#length) {
      // Behind its end, the client or a proxy would read the next answer of the connection.
      this.#stream?.reset("limit");
      this.#break("agent_lost");
      return;
    }
    this.#bytes += bytes.length;
    this.#client.write(bytes);
  }

  end(json: unknown): void {
    if (this.#over || this.#status === undefined) return;
    if (this.#length !== undefined && this.#bytes < this.#length) {
      // The client would wait for the rest for ever.
      this.#break("agent_lost");
      return;
    }
    const stats = answerStats.safeParse(json);
    const end: AttemptEnd = {
      kind: "complete",
      status: this.#status,
      bytes: this.#bytes,
      stats: stats.success ? stats.data : undefined,
    };
    this.#client.end();
    this.#finish(end);
  }

  failed(reason: Failure): void {
    if (this.#over) return;
    const code = CODE_OF[reason];
    if (this.#status === undefined) {
      this.#finish({ kind: "lost", code });
      return;
    }
    this.#break(code);
  }

  /** The client has seen a part, and there will be no more. */
  #break(code: ErrorCode): void {
    if (this.#status === undefined) return;
    this.#client.fail(code, messageOf(code));
    this.#finish({ kind: "broken", status: this.#status, bytes: this.#bytes, code });
  }

  drain(): void {
    this.#drained?.();
    this.#drained = undefined;
  }
}
