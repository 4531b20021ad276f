import type { QueuedRequest, QueueView } from "../../../../../../shared/api/queue.ts";
import type { RequestView } from "../../../../../../shared/api/requests.ts";
import type { ChatRequest } from "../chat-request.ts";
import type { Surroundings } from "../run-answer.ts";

/** A request that was sent, and the other end of its answer. */
export interface Sent {
  request: ChatRequest;
  signal: AbortSignal;
  answer(headers?: Record<string, string>, status?: number): void;
  line(value: object): void;
  end(): void;
  refuse(): void;
}

const encoder = new TextEncoder();

/** A page around the playground in which a test says what happens when. */
export class ScriptedSurroundings implements Surroundings {
  readonly sent: Sent[] = [];
  readonly sleepers: { wake: () => void }[] = [];
  /** By the page's clock, ms. */
  time = 1_000;
  waiting: QueuedRequest[] = [];
  #frames: (() => void)[] = [];

  send(request: ChatRequest, signal: AbortSignal): Promise<Response> {
    const gate = Promise.withResolvers<Response>();
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = controller;
      },
    });
    signal.addEventListener("abort", () => {
      gate.reject(signal.reason);
      stream?.error(signal.reason);
      stream = undefined;
    });
    this.sent.push({
      request,
      signal,
      answer: (headers = {}, status = 200) => {
        const all = { "content-type": "application/x-ndjson", ...headers };
        gate.resolve(new Response(body, { status, headers: all }));
      },
      line: (value) => stream?.enqueue(encoder.encode(`${JSON.stringify(value)}\n`)),
      end: () => stream?.close(),
      refuse: () => gate.reject(new TypeError("fetch failed")),
    });
    return gate.promise;
  }

  async queue(): Promise<QueueView> {
    return { items: this.waiting, next_cursor: null, length: this.waiting.length, max_length: 100 };
  }

  async finished(id: string): Promise<RequestView> {
    const row = { id, agent_name: "attic", reason: "loaded", attempts: 1, queue_ms: 40 };
    // What the playground reads of it.
    return row as RequestView;
  }

  now(): number {
    return this.time;
  }

  nextFrame(run: () => void): () => void {
    this.#frames.push(run);
    return () => {
      this.#frames = this.#frames.filter((one) => one !== run);
    };
  }

  /** The screen is drawn. */
  draw(): void {
    for (const frame of this.#frames.splice(0)) frame();
  }

  sleep(_ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sleepers.push({ wake: resolve });
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }
}
