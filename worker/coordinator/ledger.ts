import type { ChoiceReason } from "../../shared/api/choice-reasons.ts";
import type { ErrorCode } from "../../shared/api/errors.ts";
import type { AttemptView, RequestView } from "../../shared/api/requests.ts";
import type { AnswerStats } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import type { Call } from "./api.ts";
import type { Used } from "./limits/key-usage.ts";
import type { Ticket } from "./scheduling/ticket.ts";

interface End {
  status: number;
  error: ErrorCode | "cancelled" | null;
  bytes: number;
  stats?: AnswerStats | undefined;
}

/** What is known of a request while it runs, and what becomes of it in the history. */
export class Ledger {
  readonly #call: Call;
  readonly #arrived: number;
  readonly #key: { id: string; name: string } | undefined;
  agent: Agent | undefined;
  reason: ChoiceReason | null = null;
  /** The model that an alias or a fallback has put in place of the one asked for; the history keeps what was asked. */
  substitute: string | undefined;
  queueMs = 0;
  firstByteMs: number | null = null;
  /** Since the request arrived; undefined: no machine was given it. */
  #startedMs: number | undefined;
  /** What the request has used; not exact: at least so much, and nobody said how much more. */
  used: Pick<Used, "tokens" | "exact"> = { tokens: 0, exact: true };
  /** What comes of the answer, while it runs. */
  answer: { readonly bytes: number } | undefined;
  /** It has gone on: a machine was given it, or its answer has begun. */
  changed: () => void = () => {};

  constructor(call: Call, ticket: Ticket, key: { id: string; name: string } | undefined) {
    this.#call = call;
    this.#arrived = ticket.arrived;
    this.#key = key;
  }

  /** When the request arrived, ms. */
  get arrived(): number {
    return this.#arrived;
  }
  get keyName(): string | null {
    return this.#key?.name ?? null;
  }

  /** Since the request arrived, ms. A clock that is set back must not make a sum of times smaller. */
  #age(now: number): number {
    return Math.max(0, now - this.#arrived);
  }

  /** A machine is given the request now. */
  started(now: number): void {
    this.#startedMs ??= this.#age(now);
    this.changed();
  }

  /** The attempt that runs, as the history shows it; undefined before a machine was chosen. */
  tried(now: number, error: End["error"]): AttemptView | undefined {
    if (this.#startedMs === undefined) return undefined;
    return {
      agent_id: this.agent?.id ?? null,
      agent_name: this.agent?.name ?? null,
      reason: this.reason,
      started_ms: this.#startedMs,
      first_byte_ms: this.firstByteMs,
      ended_ms: this.#age(now),
      error_code: error,
    };
  }

  /** The first byte of the answer leaves now. */
  begun(now: number): void {
    this.firstByteMs = this.#age(now);
    this.changed();
  }

  /** Since the first byte of the answer, ms; 0 before it. */
  streamedMs(now: number): number {
    return this.firstByteMs === null ? 0 : Math.max(0, this.#age(now) - this.firstByteMs);
  }

  /**
   * Whether Ollama worked for this without anybody saying how much: OpenAI's streams tell it only to who asks for it, and a client
   * that left hears of nothing. What broke without its doing is not its to pay.
   */
  #leavesOpen({ status, error, bytes, stats }: End): boolean {
    if (error === "cancelled") return this.agent !== undefined;
    return error === null && status < 300 && bytes > 0 && stats?.prompt_tokens === undefined;
  }

  row(now: number, end: End): RequestView {
    const { stats } = end;
    const { prompt_tokens = 0, completion_tokens = 0 } = stats ?? {};
    const tried = this.tried(now, end.error);
    this.used = { tokens: prompt_tokens + completion_tokens, exact: !this.#leavesOpen(end) };
    return {
      id: this.#call.id,
      at: new Date(this.#arrived).toISOString(),
      endpoint: this.#call.endpoint,
      model: this.#call.model ?? null,
      key_id: this.#key?.id ?? null,
      key_name: this.#key?.name ?? null,
      agent_id: this.agent?.id ?? null,
      agent_name: this.agent?.name ?? null,
      status: end.status,
      error_code: end.error,
      attempts: this.#call.attempt,
      reason: this.reason,
      queue_ms: this.queueMs,
      first_byte_ms: this.firstByteMs,
      duration_ms: this.#age(now),
      prompt_tokens: stats?.prompt_tokens ?? null,
      completion_tokens: stats?.completion_tokens ?? null,
      load_ms: inMs(stats?.load_duration),
      prompt_ms: inMs(stats?.prompt_eval_duration),
      eval_ms: inMs(stats?.eval_duration),
      request_bytes: Math.max(0, this.#call.contentLength),
      response_bytes: end.bytes,
      tries: [...(this.#call.tries ?? []), ...(tried === undefined ? [] : [tried])],
    };
  }
}

/** @param duration nanoseconds, as Ollama counts */
function inMs(duration: number | undefined): number | null {
  return duration === undefined ? null : duration / 1e6;
}
