import type { YieldReason } from "../../../shared/protocol/messages.ts";
import type { Ticket } from "./ticket.ts";

/** Who a request is for, and how much of the turns is theirs beside others that wait. */
export interface Share {
  /** The key's id, or what stands for callers without one. */
  id: string;
  /** Above 0. */
  weight: number;
}

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
  share: Share;
  /** Context size that it asks for, tokens; another than the loaded model has makes Ollama load it anew. */
  numCtx?: number | undefined;
  /** Hashes of its conversation's beginnings, shortest first. */
  prefixes?: readonly string[] | undefined;
  /** Hashes under which its conversation will be looked for next time. */
  remember?: readonly string[] | undefined;
}

/** Why a request cannot be served, as an error code. */
export interface Refusal {
  code: "no_agents" | "model_not_found" | "model_offline" | "queue_full" | "queue_timeout";
  retryAfterS?: number;
  /** Of `model_offline`: the model is only on machines that their owners need now, for these reasons. */
  yielding?: readonly YieldReason[];
}
