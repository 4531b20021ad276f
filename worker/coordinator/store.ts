import type { Permission } from "../../shared/api/keys.ts";
import type { Settings } from "../../shared/api/settings.ts";

/**
 * The object's own database: what must survive, and nothing else. Synchronous, as both platforms' SQLite is; each call is
 * one transaction. Times are milliseconds since the epoch.
 */
export interface Store {
  load(): StoredState;
  saveAgent(agent: StoredAgent): void;
  deleteAgent(id: string): void;
  /** Last known state of agents, at most once a second. */
  saveRuntimes(rows: readonly StoredRuntime[]): void;
  saveKey(key: StoredKey): void;
  deleteKey(id: string): void;
  saveJoinToken(token: StoredJoinToken): void;
  deleteJoinToken(id: string): void;
  /** A registration: the agent appears and the token's use is counted, or neither. */
  register(agent: StoredAgent, token: StoredJoinToken): void;
  saveSettings(settings: Partial<Settings>): void;
  /** Rows that the history did not take, oldest first. */
  outbox: Outbox;
}

export interface Outbox {
  put(rows: readonly OutboxRow[]): void;
  take(limit: number): OutboxRow[];
  delete(ids: readonly string[]): void;
  size(): number;
}

export interface OutboxRow {
  /** The row's own id: writing it twice changes nothing. */
  id: string;
  table: "requests" | "events";
  /** The row as JSON. */
  row: string;
  /** How often the history has refused it when it was there. */
  refusals: number;
}

export interface StoredState {
  agents: StoredAgent[];
  runtimes: StoredRuntime[];
  keys: StoredKey[];
  joinTokens: StoredJoinToken[];
  settings: Partial<Settings>;
}

/** Who an agent is, and what an operator has set for it. */
export interface StoredAgent {
  id: string;
  name: string;
  token_hash: string;
  machine_name: string;
  ip_address: string;
  os: string | null;
  agent_version: string | null;
  ollama_version: string | null;
  ollama_port: number;
  registered_at: number;
  draining: boolean;
  max_concurrency: number | null;
  weight: number;
  tags: string[];
  note: string;
}

/** What an agent last said, and counters; lost by at most a second. */
export interface StoredRuntime {
  agent_id: string;
  /** Whether it had a tunnel: after a restart such an agent counts as coming back. */
  online: boolean;
  last_seen: number;
  /** Order of its last turn in round robin; 0 when it never had one. */
  turn: number;
  total_requests: number;
  failed_requests: number;
  /** AgentState, with machine facts of the last HELLO, as JSON. */
  state: string;
}

export interface StoredKey {
  id: string;
  name: string;
  hash: string;
  prefix: string;
  permissions: Permission[];
  models: string[] | null;
  path: boolean;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

export interface StoredJoinToken {
  id: string;
  name: string;
  hash: string;
  prefix: string;
  created_at: number;
  expires_at: number;
  max_uses: number;
  uses: number;
}
