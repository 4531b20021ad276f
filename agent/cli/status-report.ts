import type { Identity } from "../core/identity/identity-file.ts";
import type { AgentStatus } from "../program/status.ts";

/** What `status --json` prints, whether an agent runs or not. */
export interface StatusReport {
  running: boolean;
  registered: boolean;
  state_dir: string;
  coordinator_url: string | null;
  agent_id: string | null;
  name: string | null;
  coordinator: { reachable: boolean; error: string | null } | null;
  ollama: { url: string; reachable: boolean; version: string | null; error: string | null };
  /** What the running agent says of itself. */
  agent: AgentStatus | null;
}

export function isWell({ registered, coordinator, ollama }: StatusReport): boolean {
  return registered && coordinator?.reachable === true && ollama.reachable;
}

/** The same words of a running agent: it knows better than any probe. */
export function liveReport(agent: AgentStatus, identity: Identity | undefined): StatusReport {
  const { connection, ollama } = agent;
  const online = connection.state === "online";
  return {
    running: true,
    registered: online || identity !== undefined,
    state_dir: agent.state_dir,
    coordinator_url: agent.coordinator_url,
    agent_id: online ? connection.agent_id : (identity?.agent_id ?? null),
    name: online ? connection.name : (identity?.name ?? null),
    coordinator: agent.coordinator_url === null ? null : { reachable: online, error: whyNot(agent) },
    ollama: {
      url: ollama.url,
      reachable: ollama.state === "ok",
      version: ollama.version,
      error: ollama.state === "ok" ? null : (ollama.problem ?? ollama.state),
    },
    agent,
  };
}

function whyNot({ connection }: AgentStatus): string | null {
  switch (connection.state) {
    case "online":
      return null;
    case "unconfigured":
      return connection.state;
    case "not_paired":
    case "stopped":
      return connection.message;
    case "registering":
    case "connecting":
    case "pairing":
      return connection.problem ?? connection.state;
  }
}
