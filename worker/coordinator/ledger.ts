import type { ErrorCode } from "../../shared/api/errors.ts";
import type { RequestView } from "../../shared/api/requests.ts";
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
  reason: string | null = null;
  /** The model that an alias or a fallback has put in place of the one asked for; the history keeps what was asked. */
  substitute: string | undefined;
  queueMs = 0;
  firstByteMs: number | null = null;
  /** What the request has used; not exact: at least so much, and nobody said how much more. */
  used: Pick<Used, "tokens" | "exact"> = { tokens: 0, exact: true };

  constructor(call: Call, ticket: Ticket, key: { id: string; name: string } | undefined) {
    this.#call = call;
    this.#arrived = ticket.arrived;
    this.#key = key;
  }

  /** The first byte of the answer leaves now. */
  begun(now: number): void {
    this.firstByteMs = now - this.#arrived;
  }

  /** Since the first byte of the answer, ms; 0 before it. */
  streamedMs(now: number): number {
    return this.firstByteMs === null ? 0 : now - this.#arrived - this.firstByteMs;
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
      duration_ms: now - this.#arrived,
      prompt_tokens: stats?.prompt_tokens ?? null,
      completion_tokens: stats?.completion_tokens ?? null,
      load_ms: stats?.load_duration === undefined ? null : stats.load_duration / 1e6,
      request_bytes: Math.max(0, this.#call.contentLength),
      response_bytes: end.bytes,
    };
  }
}
