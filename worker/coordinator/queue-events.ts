import type { ErrorCode } from "../../shared/api/errors.ts";
import { SAFETY_HEADERS } from "./answer-headers.ts";
import type { ClientSide } from "./client-side.ts";
import type { Clock, Timer } from "./deps.ts";

/** How often a client that waits hears of its place, ms. */
const EVERY_MS = 5_000;
/** Most that is kept of an error answer of Ollama's, bytes: a sentence. */
const MOST_ERROR = 64 * 1024;

/** Where a request stands that waits; undefined once it does not. */
export type PlaceInLine = () => { position: number; estimateMs: number | undefined } | undefined;

/**
 * A client that asked to hear of its place while it waits (`x-coordinator-queue-events: 1`). From the moment it has to wait its
 * answer is a stream of server-sent events that has begun with 200: comments, which every SSE client skips, and then what
 * Ollama streams. What goes wrong afterwards can only be told as an error event. Without a wait nothing changes.
 */
export class QueueEvents implements ClientSide {
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  readonly #client: ClientSide;
  readonly #clock: Clock;
  readonly #requestId: string;
  readonly #encoder = new TextEncoder();
  #begun = false;
  #over = false;
  #timer: Timer | undefined;
  /** Bytes of comments that the client's socket has not taken: they stand before everything else. */
  #ownBytes = 0;
  /** Ollama's answer is an error: what came of it, to be told in an event. */
  #error: { status: number; chunks: Uint8Array[]; bytes: number } | undefined;

  constructor(client: ClientSide, options: { clock: Clock; requestId: string }) {
    this.#client = client;
    this.#clock = options.clock;
    this.#requestId = options.requestId;
    client.onGone = () => {
      this.#stop();
      this.onGone();
    };
    client.onConsumed = (bytes) => this.#consumed(bytes);
  }

  get gone(): boolean {
    return this.#client.gone;
  }

  /** The answer has begun: no status can be told any more. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The answer has ended, well or not. */
  get over(): boolean {
    return this.#over;
  }

  /** It has to wait. */
  waiting(place: PlaceInLine): void {
    this.#stop();
    if (!this.#begun) {
      this.#begun = true;
      this.#client.head(200, [
        ["content-type", "text/event-stream"],
        ["cache-control", "no-cache"],
        ...SAFETY_HEADERS,
        ["x-request-id", this.#requestId],
      ]);
    }
    const tell = (): void => {
      const now = place();
      if (now === undefined) return;
      const estimate = now.estimateMs === undefined ? "" : ` estimate_ms=${Math.round(now.estimateMs)}`;
      this.#comment(`: queued position=${now.position}${estimate}\n\n`);
      this.#timer = this.#clock.after(EVERY_MS, tell);
    };
    tell();
  }

  #comment(text: string): void {
    const bytes = this.#encoder.encode(text);
    this.#ownBytes += bytes.length;
    this.#client.write(bytes);
  }

  /** Its wait is over, or the client has left. */
  served(): void {
    this.#stop();
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #consumed(bytes: number): void {
    const own = Math.min(bytes, this.#ownBytes);
    this.#ownBytes -= own;
    if (bytes > own) this.onConsumed(bytes - own);
  }

  head(status: number, headers: [string, string][]): void {
    if (!this.#begun) {
      this.#client.head(status, headers);
      return;
    }
    const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
    if (status !== 200 || !type.startsWith("text/event-stream"))
      this.#error = { status, chunks: [], bytes: 0 };
  }

  write(bytes: Uint8Array): void {
    if (this.#error === undefined) {
      this.#client.write(bytes);
      return;
    }
    if (this.#error.bytes + bytes.length <= MOST_ERROR) {
      this.#error.chunks.push(bytes.slice());
      this.#error.bytes += bytes.length;
    }
    this.onConsumed(bytes.length);
  }

  end(): void {
    this.#over = true;
    if (this.#error === undefined) this.#client.end();
    else this.#client.fail(codeOf(this.#error.status), messageIn(this.#error.chunks, this.#error.status));
  }

  fail(code: ErrorCode, message: string): void {
    this.#stop();
    this.#over = true;
    this.#client.fail(code, message);
  }
}

/** Of Ollama's statuses those that clients tell apart. */
function codeOf(status: number): ErrorCode {
  if (status === 400) return "bad_request";
  if (status === 404) return "model_not_found";
  if (status === 503) return "overloaded";
  return "internal";
}

/** What Ollama said, in whichever of its dialects. */
function messageIn(chunks: readonly Uint8Array[], status: number): string {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === "string") return error;
    if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  } catch {
    // Not JSON: the text itself is what there is to say.
  }
  return text.trim() === "" ? `Ollama answered with status ${status}` : text.trim().slice(0, 500);
}
