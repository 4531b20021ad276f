import type { QueueView } from "../../../../../shared/api/queue.ts";
import type { RequestView } from "../../../../../shared/api/requests.ts";
import { readAnswer } from "./answer/read-answer.ts";
import type { Chat, Dialect } from "./chat.ts";
import { type ChatRequest, chatRequest } from "./chat-request.ts";
import { type Answer, withEvent } from "./conversation.ts";
import { type Explained, explained } from "./measure.ts";
import { placeOf } from "./queue-place.ts";

/** What the playground needs of the page around it. */
export interface Surroundings {
  /** @throws when there is no connection, or `signal` is aborted */
  send(request: ChatRequest, signal: AbortSignal): Promise<Response>;
  queue(signal: AbortSignal): Promise<QueueView>;
  /** The history's row of a finished request. */
  finished(requestId: string, signal: AbortSignal): Promise<RequestView>;
  /** ms; only differences mean something. */
  now(): number;
  /** Before the next frame of the screen; the returned function takes it back. */
  nextFrame(run: () => void): () => void;
  /** @throws when `signal` is aborted meanwhile */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Asked {
  dialect: Dialect;
  chat: Chat;
  /** By `now()`. */
  sentAt: number;
}

/** How long an answer may take to begin before the queue is looked at, and how often then, ms. */
const LOOK_EVERY_MS = 2_000;
/** A finished request is in the history within this, ms. */
const RECORDED_AFTER_MS = 1_200;

/**
 * Asks, and tells what comes, at most once for each frame of the screen however fast the tokens are. It never throws; what
 * goes wrong is an event of the answer. Once `signal` is aborted nothing more is told.
 */
export async function runAnswer(
  around: Surroundings,
  asked: Asked,
  signal: AbortSignal,
  tell: (change: (answer: Answer) => Answer) => void,
): Promise<void> {
  const { dialect, chat } = asked;
  const request = chatRequest(dialect, chat);
  const telling = new Telling(around, signal, tell);
  const waiting = new AbortController();
  const waits = AbortSignal.any([signal, waiting.signal]);
  // Streams of events say by themselves where their request stands.
  if (dialect === "ollama") void watchQueue(around, asked, request.path, waits, telling);
  let response: Response;
  try {
    response = await around.send(request, signal);
  } catch {
    telling.event({ kind: "error", problem: { kind: "unreachable" } });
    return;
  } finally {
    waiting.abort();
  }
  const known = explained(response.headers);
  telling.change((answer) => ({ ...answer, explained: known }));
  for await (const event of readAnswer(dialect, response, signal)) telling.event(event);
  // What had to wait began before anybody knew which machine it would be.
  if (known.agent === undefined && known.requestId !== undefined && response.ok)
    await lookUp(around, known, known.requestId, signal, telling);
}

/** Changes to an answer, gathered until the screen can show them; what ends it is shown at once. */
class Telling {
  readonly #around: Surroundings;
  readonly #signal: AbortSignal;
  readonly #tell: (change: (answer: Answer) => Answer) => void;
  #changes: ((answer: Answer) => Answer)[] = [];
  #takeBack: (() => void) | undefined;

  constructor(around: Surroundings, signal: AbortSignal, tell: (change: (answer: Answer) => Answer) => void) {
    this.#around = around;
    this.#signal = signal;
    this.#tell = tell;
    signal.addEventListener("abort", () => this.#takeBack?.(), { once: true });
  }

  event(event: Parameters<typeof withEvent>[1]): void {
    const at = this.#around.now();
    const isEnd = event.kind === "done" || event.kind === "error";
    this.change((answer) => withEvent(answer, event, at), isEnd);
  }

  change(change: (answer: Answer) => Answer, atOnce = false): void {
    if (this.#signal.aborted) return;
    this.#changes.push(change);
    if (atOnce) this.#flush();
    else this.#takeBack ??= this.#around.nextFrame(() => this.#flush());
  }

  #flush(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
    const changes = this.#changes;
    this.#changes = [];
    this.#tell((answer) => changes.reduce((changed, change) => change(changed), answer));
  }
}

async function watchQueue(
  around: Surroundings,
  { chat, sentAt }: Asked,
  path: string,
  waits: AbortSignal,
  telling: Telling,
): Promise<void> {
  try {
    for (;;) {
      await around.sleep(LOOK_EVERY_MS, waits);
      const queue = await around.queue(waits);
      if (waits.aborted) return;
      const place = placeOf(queue, chat, path, around.now() - sentAt);
      if (place !== undefined) telling.event({ kind: "queued", ...place });
    }
  } catch {
    // The wait is over, or the queue cannot be seen: the answer itself says what became of it.
  }
}

async function lookUp(
  around: Surroundings,
  known: Explained,
  requestId: string,
  signal: AbortSignal,
  telling: Telling,
): Promise<void> {
  try {
    await around.sleep(RECORDED_AFTER_MS, signal);
    const row = await around.finished(requestId, signal);
    const found: Explained = {
      ...known,
      agent: row.agent_name ?? undefined,
      reason: row.reason ?? undefined,
      attempts: row.attempts,
      queueMs: row.queue_ms,
    };
    telling.change((answer) => ({ ...answer, explained: found }), true);
  } catch {
    // Not in the history yet, or the page is gone: the answer stands without its machine's name.
  }
}
