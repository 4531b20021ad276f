import type { OllamaState } from "../../shared/protocol/messages.ts";

/** What happens to an agent, for whoever shows it to a person; the core itself prints nothing. */
export type AgentEvent =
  | { type: "registering"; url: string }
  | { type: "registered"; agentId: string }
  /**
   * This machine waits until somebody types its code on the dashboard; told again when the coordinator is heard again.
   * `expiresAt` is RFC 3339 by the coordinator's clock.
   */
  | { type: "pairing"; code: string; dashboardUrl: string; expiresAt: string }
  | { type: "connecting"; url: string }
  | { type: "online"; agentId: string; name: string; resumed: number }
  | { type: "offline"; reason: string }
  | { type: "retrying"; inMs: number; reason: string }
  | { type: "ollama"; state: OllamaState; version: string | undefined; error: string | undefined }
  /** Ollama was looked at; what was found is the agent's `seen`. */
  | { type: "seen" }
  /** A request that this agent did not forward. */
  | { type: "refused"; method: string; path: string; code: string }
  /** A request that failed at Ollama; the reason is for the log and never for the peer. */
  | { type: "request_failed"; method: string; path: string; code: string; reason: string }
  /** Requests at Ollama, each time the number changes, and those answered since the start. */
  | { type: "running"; count: number; answered: number }
  | { type: "stopping"; running: number };

export type Observe = (event: AgentEvent) => void;
