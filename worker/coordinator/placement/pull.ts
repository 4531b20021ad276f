import type { ErrorCode } from "../../../shared/api/errors.ts";
import type { Agent } from "../agent.ts";
import { Attempt, messageOf } from "../attempt.ts";
import type { ClientSide } from "../client-side.ts";
import type { Clock, Timer } from "../deps.ts";
import { LineReader } from "../line-reader.ts";
import { once } from "../once.ts";

/** Longest text of a machine that is kept, characters. */
const MAX_TEXT = 500;

export type PullEnd = { kind: "done" } | { kind: "cancelled" } | { kind: "failed"; error: string };

/** One model on its way to one machine, on the coordinator's own account: nobody waits for the answer. */
export class Pull implements ClientSide {
  readonly agent: Agent;
  /** Canonical name. */
  readonly model: string;
  readonly since: number;
  /** What its Ollama last said, and how far the layer is that it speaks of, bytes. */
  status = "starting";
  completed: number | undefined;
  total: number | undefined;
  onConsumed: (bytes: number) => void = () => {};
  onGone: () => void = () => {};
  gone = false;
  readonly #clock: Clock;
  /** How long it may say nothing, ms. */
  readonly #idleMs: number;
  /** When its machine last said a whole line, ms. */
  #heardAt: number;
  #idle: Timer | undefined;
  #silent = false;
  #succeeded = false;
  #error: string | undefined;
  readonly #lines = new LineReader((value) => this.#line(value));

  /** @param idleMs how long it may say nothing, ms: one that never ends would hold its place in the line for ever */
  constructor(agent: Agent, model: string, clock: Clock, idleMs: number) {
    this.agent = agent;
    this.model = model;
    this.since = clock.now();
    this.#heardAt = this.since;
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** @param name as Ollama is asked for it. Resolves when nothing of it is left. */
  async run(name: string): Promise<PullEnd> {
    const body = new TextEncoder().encode(JSON.stringify({ model: name, stream: true }));
    const attempt = new Attempt({ agent: this.agent, client: this, body: once(body), headers: () => [] });
    attempt.start({
      method: "POST",
      path: "/api/pull",
      headers: [["content-type", "application/json"]],
      content_length: body.length,
    });
    this.#watch();
    const end = await attempt.ended;
    this.#idle?.cancel();
    if (this.#silent) {
      return { kind: "failed", error: `the machine said nothing for ${this.#idleMs / 1_000} s` };
    }
    if (end.kind === "gone") return { kind: "cancelled" };
    if (end.kind === "lost") return { kind: "failed", error: messageOf(end.code) };
    if (this.#error !== undefined) return { kind: "failed", error: this.#error };
    return this.#succeeded ? { kind: "done" } : { kind: "failed", error: "the answer ended without success" };
  }

  /** Its machine stops, and keeps the parts that it has. */
  cancel(): void {
    if (this.gone) return;
    this.gone = true;
    this.onGone();
  }

  /** One timer for any number of lines. */
  #watch(): void {
    const left = this.#heardAt + this.#idleMs - this.#clock.now();
    if (left > 0) {
      this.#idle = this.#clock.after(left, () => this.#watch());
      return;
    }
    if (this.gone) return;
    this.#silent = true;
    this.cancel();
  }

  head(): void {}

  write(bytes: Uint8Array): void {
    this.#lines.write(bytes);
    this.onConsumed(bytes.length);
  }

  #line(value: object): void {
    this.#heardAt = this.#clock.now();
    if ("error" in value) {
      this.#error = String(value.error).slice(0, MAX_TEXT);
      return;
    }
    if ("status" in value && typeof value.status === "string") {
      this.status = value.status.slice(0, MAX_TEXT);
      if (value.status === "success") this.#succeeded = true;
    }
    this.completed = bytesIn("completed" in value ? value.completed : undefined);
    this.total = bytesIn("total" in value ? value.total : undefined);
  }

  end(): void {
    this.#lines.end();
  }

  fail(_code: ErrorCode, message: string): void {
    this.#error = message;
  }
}

function bytesIn(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
