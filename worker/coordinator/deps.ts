import type { RequestView } from "../../shared/api/requests.ts";
import type { Defer } from "../../shared/mux/transport.ts";
import type { Store } from "./store.ts";

/** Time as the brain sees it; tests turn it by hand. */
export interface Clock {
  /** Milliseconds since the epoch; never compared with another machine's clock. */
  now(): number;
  /** Calls `task` once after `ms` milliseconds. */
  after(ms: number, task: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export interface EventRow {
  id: string;
  at: string;
  kind: string;
  /** Who did it; null: it happened by itself, or a machine did it. */
  actor: string | null;
  agent_id: string | null;
  /** JSON with what changed; never a secret, never a prompt. */
  detail: string;
}

/** What a machine was doing at some moment. */
export interface SampleRow {
  /** Machine and minute: for the outbox. */
  id: string;
  at: string;
  agent_id: string;
  /** Per cent, as the agent says; null: it did not. */
  cpu_usage: number | null;
  memory_usage: number | null;
  gpu_usage: number | null;
  active_requests: number;
  tokens_per_second: number | null;
}

export interface HistoryRows {
  requests: readonly RequestView[];
  events: readonly EventRow[];
  samples: readonly SampleRow[];
}

/** The long memory: D1, or an SQLite file. May be away for an hour; nothing that serves requests waits for it. */
export interface History {
  /** Writes rows that it does not have yet (by id); rejects when the database did not take them. */
  write(rows: HistoryRows): Promise<void>;
  /** Sums up some requests that are in no sum yet, as many as are well done in one step; whether there may be more. */
  rollUp(): Promise<boolean>;
  /** Deletes at most `limit` rows of each kind that are kept no longer at `now` (ms); the most that went of one. */
  prune(now: number, retentionDays: number, limit: number): Promise<number>;
}

export interface Log {
  info(message: string, detail?: Record<string, unknown>): void;
  warn(message: string, detail?: Record<string, unknown>): void;
  error(message: string, detail?: Record<string, unknown>): void;
}

/** Everything that the brain needs from the platform that it runs on. */
export interface Deps {
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  uuid(): string;
  /** A new secret's 32 random bytes. */
  randomBytes(length: number): Uint8Array;
  /** SHA-256 of a text, lower-case hex. */
  sha256(text: string): Promise<string>;
  defer: Defer;
  store: Store;
  history: History;
  log: Log;
  /**
   * Has `Coordinator.watch` called after about `ms` milliseconds, once, also when the platform puts the brain to sleep meanwhile; a
   * second wish takes the place of the first. Absent where nothing sleeps: a timer does.
   */
  alarm?: (ms: number) => void;
}
