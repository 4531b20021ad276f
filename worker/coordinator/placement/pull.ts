import type { ErrorCode } from "../../../shared/api/errors.ts";
import type { Agent } from "../agent.ts";
import { Attempt, messageOf } from "../attempt.ts";
import type { ClientSide } from "../client-side.ts";
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
  #succeeded = false;
  #error: string | undefined;
  readonly #lines = new LineReader((value) => this.#line(value));

  constructor(agent: Agent, model: string, since: number) {
    this.agent = agent;
    this.model = model;
    this.since = since;
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
    const end = await attempt.ended;
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

  head(): void {}

  write(bytes: Uint8Array): void {
    this.#lines.write(bytes);
    this.onConsumed(bytes.length);
  }

  #line(value: object): void {
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
