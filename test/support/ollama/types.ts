/** What tests say about a stand-in for Ollama, and what it tells them back. */

export interface StandInModel {
  name: string;
  size?: number;
  family?: string;
  capabilities?: string[];
  modified_at?: string;
  digest?: string;
  remote_host?: string;
  remote_model?: string;
}

export interface StandInOptions {
  /** Default 0: a free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default "0.33.0". Routes and fields younger than this version do not exist. */
  version?: string;
  /** Default ["tiny"]. */
  models?: (string | StandInModel)[];
  /** Tokens of an answer whose request does not ask for a number. Default 8. */
  tokens?: number;
  tokenDelayMs?: number;
  firstTokenDelayMs?: number;
  /** The first request to a model that is not loaded takes this longer. */
  loadDelayMs?: number;
  /** Default Infinity. Models in memory at once: for one more, those that have been idle longest leave; none that is at work. */
  maxLoaded?: number;
  /** Default Infinity. Requests over it wait in order, per model, like Ollama's semaphore. */
  numParallel?: number;
  /** Default true: Ollama's Host and Origin checks, which answer 403 with an empty body. */
  rejectOrigins?: boolean;
  /** Default false: hashing a body costs as much as receiving it. */
  hashBodies?: boolean;
  /** Called with the names of the models after each change. */
  modelsChanged?: (names: string[]) => void;
}

export interface SeenRequest {
  id: number;
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** As received, before decompression. */
  bodyBytes: number;
  /** SHA-256 of these bytes, hexadecimal, once all of them are there; with `hashBodies`. */
  bodySha256?: string;
  /** The parsed JSON, when under 1 MiB. */
  body?: unknown;
  model?: string;
  /** performance.now() */
  startedAt: number;
  /** "aborted" only when the client left; an answer that a fault cuts off is "done". */
  state: "running" | "done" | "aborted";
  /** performance.now() */
  abortedAt?: number;
}

export type Fault =
  /** Destroys the socket after that many body bytes of the answer. */
  | { kind: "cut"; afterBytes: number }
  | {
      kind: "status";
      status: number;
      body: string;
      contentType?: string;
      headers?: Record<string, string | string[]>;
    }
  /** Waits before the first byte. */
  | { kind: "slow"; delayMs: number }
  /** Never answers. */
  | { kind: "never" }
  /** Destroys the socket before any byte. */
  | { kind: "crash" }
  /** Exactly these body bytes, each chunk a write of its own; a promise holds back what follows it. */
  | {
      kind: "raw";
      status?: number;
      headers?: Record<string, string | string[]>;
      chunks: (string | Uint8Array | { delayMs: number } | { until: Promise<void> })[];
    };

export interface StandInOllama {
  readonly url: string;
  readonly port: number;
  /** The last 10,000 requests. */
  readonly seen: SeenRequest[];
  /** Inference requests that are being answered or wait for a slot. */
  inFlight(): number;
  maxInFlight(): number;
  models(): string[];
  loaded(): string[];
  /** The next `times` (default 1) requests whose path starts with `path` (default: POST inference routes). */
  misbehave(fault: Fault, options?: { path?: string; times?: number }): void;
  /** Accepts connections and answers nothing, running streams included, until released. */
  hang(): () => void;
  /** Closes the listening socket and all connections; the returned function listens on the same port again. */
  refuse(): Promise<() => Promise<void>>;
  /** The first seen request that satisfies the predicate, now or after any later change of state. */
  waitFor(predicate: (request: SeenRequest) => boolean, timeoutMs?: number): Promise<SeenRequest>;
  /** Empties `seen` and `maxInFlight`. */
  clear(): void;
  close(): Promise<void>;
}
