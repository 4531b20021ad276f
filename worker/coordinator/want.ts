import type { Ticket } from "./queue.ts";

/** What a request asks of an agent. */
export interface Want {
  /** Canonical name. */
  model: string;
  /** First Ollama release with the route. */
  since: string | undefined;
  /** Whether it takes a slot. */
  slot: boolean;
  /** The only agent that may serve it. */
  pinned: string | undefined;
  /** Agents that lost this request before: only if there is no other. */
  avoid: ReadonlySet<string>;
  ticket: Ticket;
}

/** Why a request cannot be served, as an error code. */
export interface Refusal {
  code: "no_agents" | "model_not_found" | "model_offline" | "queue_full" | "queue_timeout";
  retryAfterS?: number;
}
