import type { Permission, Priority } from "../../shared/api/keys.ts";
import type { RegisterRequest } from "../../shared/api/register.ts";
import type { Role } from "../../shared/api/session.ts";
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
  saveAccessToken(token: StoredAccessToken): void;
  deleteAccessToken(id: string): void;
  /** A registration: the agent appears and the token's use is counted, or neither. */
  register(agent: StoredAgent, token: StoredJoinToken): void;
  /** With the agent that it made, or that has another token because of it: both or neither. */
  savePairing(pairing: StoredPairing, agent?: StoredAgent): void;
  deletePairings(ids: readonly string[]): void;
  saveSettings(settings: Partial<Settings>): void;
  /** What keys have used, at most once a second. */
  saveUsage(rows: readonly StoredUsage[]): void;
  savePlacement(placement: StoredPlacement): void;
  deletePlacement(model: string): void;
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
  table: "requests" | "events" | "samples";
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
  accessTokens: StoredAccessToken[];
  settings: Partial<Settings>;
  usage: StoredUsage[];
  placements: StoredPlacement[];
  pairings: StoredPairing[];
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
  /** Requests in any minute; null: no limit. */
  rpm: number | null;
  /** Tokens in any minute. */
  tpm: number | null;
  /** Tokens in any 24 hours. */
  tpd: number | null;
  /** Requests at once, waiting or running. */
  max_concurrency: number | null;
  priority: Priority;
  weight: number;
}

/** What a key has used of its limits; lost by at most a second. */
export interface StoredUsage {
  key_id: string;
  /** JSON; `KeyUsage` writes and reads it. */
  usage: string;
}

/** On how many machines a model is to be kept. */
export interface StoredPlacement {
  /** As the operator wrote it, which is how it is pulled: a foreign registry may tell upper case from lower. */
  model: string;
  replicas: number;
  /** Ids of the machines that may have it; null: all. */
  agents: string[] | null;
  /** Tags of which a machine must have one; null: any. */
  tags: string[] | null;
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

/** A further token for the management API. */
export interface StoredAccessToken {
  id: string;
  name: string;
  role: Role;
  hash: string;
  prefix: string;
  created_at: number;
  expires_at: number | null;
}

/** A machine that has asked to be let in without a token. */
export interface StoredPairing {
  id: string;
  /** SHA-256 of the code that the machine shows, and of the secret that it asks with. */
  code_hash: string;
  secret_hash: string;
  /** Where it asked from; null where that is not known. */
  caller_address: string | null;
  /** What it says of itself. */
  machine: RegisterRequest;
  created_at: number;
  /** Until then it waits; once approved, its token can be fetched. */
  expires_at: number;
  state: "waiting" | "approved" | "rejected";
  /** The agent that it became. */
  agent_id: string | null;
  /** Whether that agent's token was given out. */
  fetched: boolean;
}
