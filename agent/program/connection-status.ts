import type { AgentEvent } from "../core/observer.ts";
import type { LoopEnd } from "./agent-loop.ts";
import type { ConnectionStatus } from "./status.ts";

/** What a person is told of the way to the coordinator, from one event of the agent to the next; other events change nothing. */
export function connectionAfter(
  before: ConnectionStatus,
  event: AgentEvent,
  /** Milliseconds since the epoch. */
  nowMs: number,
): ConnectionStatus {
  switch (event.type) {
    case "registering":
      return { state: "registering", retry_at: null, problem: problemOf(before) };
    case "pairing":
      return {
        state: "pairing",
        code: event.code,
        dashboard_url: event.dashboardUrl,
        expires_at: event.expiresAt,
        problem: null,
      };
    case "registered":
      return { state: "connecting", retry_at: null, problem: null };
    case "connecting":
      return { state: "connecting", retry_at: null, problem: problemOf(before) };
    case "online":
      return { state: "online", agent_id: event.agentId, name: event.name, since: iso(nowMs) };
    case "offline":
      return { state: "connecting", retry_at: null, problem: event.reason };
    case "retrying":
      return afterFailure(before, event.reason, iso(nowMs + event.inMs));
    default:
      return before;
  }
}

/** What is left when an agent has ended by itself. */
export function connectionAtEnd(end: LoopEnd): ConnectionStatus {
  switch (end.type) {
    case "unconfigured":
      return { state: "unconfigured" };
    case "logged_out":
      return { state: "stopped", message: "logged out: this machine has forgotten who it was" };
    case "stopped":
      return { state: "stopped", message: "stopped" };
    case "replaced":
      return { state: "stopped", message: "another process of this agent took over" };
    case "not_paired":
      return { state: "not_paired", why: end.why, message: end.message };
    default:
      return { state: "stopped", message: end.message };
  }
}

/** A code that is shown stays on show while its coordinator cannot be asked. */
function afterFailure(before: ConnectionStatus, problem: string, retryAt: string): ConnectionStatus {
  if (before.state === "pairing") return { ...before, problem };
  const state = before.state === "registering" ? "registering" : "connecting";
  return { state, retry_at: retryAt, problem };
}

/** Stays until something has gone well: a new attempt is not yet a success. */
function problemOf(before: ConnectionStatus): string | null {
  return "problem" in before ? before.problem : null;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
