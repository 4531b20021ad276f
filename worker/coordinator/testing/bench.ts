import type { SettingsPatch } from "../../../shared/api/settings.ts";
import type { AgentState, Model } from "../../../shared/protocol/messages.ts";
import type { Call, Outcome } from "../api.ts";
import type { ByteSource } from "../client-side.ts";
import { Coordinator } from "../coordinator.ts";
import type { Deps } from "../deps.ts";
import type { StoredAgent, StoredKey } from "../store.ts";
import { FakeAgent, type FakeAgentOptions } from "./fake-agent.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryStore } from "./memory-store.ts";
import { RecordingClient } from "./recording-client.ts";
import { RecordingHistory } from "./recording-history.ts";
import { turn } from "./turn.ts";

export const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

export const models = (...names: string[]): Model[] => names.map((name) => ({ name }));

export function storedAgent(id: string, over: Partial<StoredAgent> = {}): StoredAgent {
  return {
    id,
    name: id,
    token_hash: `token of ${id}`,
    machine_name: id,
    ip_address: "",
    os: null,
    agent_version: null,
    ollama_version: null,
    ollama_port: 11434,
    registered_at: 0,
    draining: false,
    max_concurrency: null,
    weight: 1,
    tags: [],
    note: "",
    ...over,
  };
}

export function storedKey(id: string, over: Partial<StoredKey> = {}): StoredKey {
  return {
    id,
    name: id,
    hash: `hash of ${id}`,
    prefix: "ock_abcdef",
    permissions: ["infer", "manage"],
    models: null,
    path: false,
    created_at: 0,
    expires_at: null,
    last_used_at: null,
    rpm: null,
    tpm: null,
    tpd: null,
    max_concurrency: null,
    priority: "normal",
    weight: 1,
    ...over,
  };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export interface Logged {
  level: "info" | "warn" | "error";
  message: string;
}

/** Two lives of a brain must not open streams with the same ids, and two runs of a test should. */
let lives = 0;

/** Everything that the brain needs, in memory. */
export function fakeDeps(
  parts: Partial<{ clock: FakeClock; store: MemoryStore; history: RecordingHistory }> = {},
) {
  let ids = 0;
  let seed = 0x2545_f491 ^ ++lives;
  const logged: Logged[] = [];
  const deps = {
    clock: parts.clock ?? new FakeClock(),
    store: parts.store ?? new MemoryStore(),
    history: parts.history ?? new RecordingHistory(),
    random: () => {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      return (seed >>> 0) / 0x1_0000_0000;
    },
    uuid: () => uuid(900_000 + ++ids),
    randomBytes: (length: number) => new Uint8Array(length).fill(++ids),
    sha256,
    // Called bare by its users.
    defer: (task: () => void) => queueMicrotask(task),
    log: {
      info: (message: string) => void logged.push({ level: "info", message }),
      warn: (message: string) => void logged.push({ level: "warn", message }),
      error: (message: string) => void logged.push({ level: "error", message }),
    },
    logged,
  } satisfies Deps & { logged: Logged[] };
  return deps;
}

/** A request under way. */
export interface Asked {
  client: RecordingClient;
  outcome: Promise<Outcome>;
  /** Set once it is over. */
  ended: Outcome | undefined;
}

/** The whole brain with agents in memory and time by hand. */
export class Bench {
  readonly clock: FakeClock;
  readonly store: MemoryStore;
  readonly history: RecordingHistory;
  readonly logged: Logged[];
  brain: Coordinator;
  readonly #deps: ReturnType<typeof fakeDeps>;
  #calls = 0;

  constructor(
    options: { agents?: StoredAgent[]; keys?: StoredKey[]; locked?: SettingsPatch; store?: MemoryStore } = {},
  ) {
    const store = options.store ?? new MemoryStore();
    for (const agent of options.agents ?? []) store.agents.set(agent.id, agent);
    for (const key of options.keys ?? []) store.keys.set(key.id, key);
    this.#deps = fakeDeps({ store });
    this.clock = this.#deps.clock;
    this.store = store;
    this.history = this.#deps.history;
    this.logged = this.#deps.logged;
    this.brain = new Coordinator(this.#deps, options.locked);
  }

  readonly now = (): number => this.clock.now();

  /** The process ends without a word and starts again on the same database. */
  restart(): void {
    this.clock.forget();
    this.brain = new Coordinator(this.#deps);
  }

  /** A fleet of agents that are online, each with its models. */
  static async fleet(
    machines: Record<string, { models?: string[]; slots?: number } & Partial<FakeAgentOptions>>,
    options: ConstructorParameters<typeof Bench>[0] = {},
  ): Promise<{ bench: Bench; agents: Record<string, FakeAgent>; agent: (name: string) => FakeAgent }> {
    const names = Object.keys(machines);
    const bench = new Bench({
      ...options,
      agents: [
        ...names.map((name) => storedAgent(name, { max_concurrency: machines[name]?.slots ?? null })),
        ...(options.agents ?? []),
      ],
    });
    const agents: Record<string, FakeAgent> = {};
    for (const name of names) {
      const { models: held = ["m"], slots: _slots, state, ...rest } = machines[name] ?? {};
      const said: AgentState = { models: models(...held), ...state };
      const agent = new FakeAgent({ id: name, name, ...rest, state: said });
      agents[name] = agent;
      agent.dial(bench.brain, bench.now);
    }
    await turn();
    const agent = (name: string): FakeAgent => {
      const known = agents[name];
      if (known === undefined) throw new Error(`no agent ${name}`);
      return known;
    };
    return { bench, agents, agent };
  }

  call(over: Partial<Call> = {}): Call {
    return {
      id: uuid(++this.#calls),
      caller: { kind: "admin" },
      method: "POST",
      endpoint: "/api/chat",
      class: "infer",
      dialect: "native",
      since: undefined,
      path: "/api/chat",
      model: "m",
      agent: undefined,
      headers: [],
      contentLength: 2,
      attempt: 1,
      avoid: [],
      ticket: undefined,
      mayRetry: true,
      ...over,
    };
  }

  /** Sends one attempt to the brain. */
  ask(
    over: Partial<Call> = {},
    body: ByteSource | null = bytesOf("{}"),
    client = new RecordingClient(),
  ): Asked {
    const asked: Asked = {
      client,
      ended: undefined,
      outcome: this.brain.forward(this.call(over), body, client).then((outcome) => {
        asked.ended = outcome;
        return outcome;
      }),
    };
    return asked;
  }
}

/** A body whose pieces are all there. */
export function bytesOf(...pieces: string[]): ByteSource & { cancelled: boolean } {
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  const source = {
    cancelled: false,
    read: () => left.shift() ?? null,
    cancel: () => {
      source.cancelled = true;
      left.length = 0;
    },
  };
  return source;
}

/** A body whose pieces come when the test says so. */
export class HeldBody implements ByteSource {
  readonly #queue: (Uint8Array | null | Error)[] = [];
  #waiting: { resolve: (chunk: Uint8Array | null) => void; reject: (error: Error) => void } | undefined;
  cancelled = false;
  reads = 0;

  read(): Promise<Uint8Array | null> {
    this.reads++;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#pass();
    });
  }

  give(piece: string | null | Error): void {
    this.#queue.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
    this.#pass();
  }

  #pass(): void {
    if (this.#waiting === undefined || this.#queue.length === 0) return;
    const next = this.#queue.shift() ?? null;
    const { resolve, reject } = this.#waiting;
    this.#waiting = undefined;
    if (next instanceof Error) reject(next);
    else resolve(next);
  }

  cancel(): void {
    this.cancelled = true;
  }
}
