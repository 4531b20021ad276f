import type { NotRoutable } from "../../shared/api/agents.ts";
import { isStub } from "../../shared/lib/cloud-stub.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import { hasRoute } from "../../shared/lib/ollama-version.ts";
import type { AgentState, Hello, LoadedModel, Model } from "../../shared/protocol/messages.ts";
import { ModelIndex } from "./scheduling/model-index.ts";
import { Replica } from "./scheduling/replica.ts";
import { Smoothed } from "./scheduling/smoothed.ts";
import type { StoredAgent } from "./store.ts";
import type { Tunnel } from "./tunnel.ts";

const BYTES_PER_MB = 1024 * 1024;

/** `coming_back`: lost so recently that what only this agent can serve waits for it. */
export type Presence = "online" | "coming_back" | "offline";

/** What HELLO says beside the changing state. */
export interface MachineFacts {
  allow_manage: boolean;
  max_concurrency: number | undefined;
  machine_hash: string | undefined;
}

/** A machine: who it is, what it last said, and what it is doing for us now. */
export class Agent {
  #record: StoredAgent;
  facts: MachineFacts = { allow_manage: false, max_concurrency: undefined, machine_hash: undefined };
  tunnel: Tunnel | undefined;
  /** When its tunnel was lost without a goodbye, if it was; ms. */
  lostAt: number | undefined;
  lastSeen: number | undefined;
  /** When `POST /api/health` last said that it lives; ms. */
  healthAt: number | undefined;
  /** Slots held: the one count that dispatching believes. */
  inFlight = 0;
  /** What holds its slots: the model, since when (ms), and the seconds that were reckoned for loading it. */
  readonly running = new Set<{ readonly replica: Replica; readonly since: number; readonly loadS: number }>();
  /** Place in the rotation: the number of the last grant it got. */
  turn = 0;
  totalRequests = 0;
  failedRequests = 0;
  /** What weighted turns have been spent, by `weight`: the next goes to the machine that has spent least. */
  spent = 0;
  /** Virtual time of the fair queue at which the last request began here. */
  present = 0;
  /** Tokens per second over all its models. */
  readonly speed = new Smoothed();
  /** Bytes of models that it loads per second. */
  readonly loadRate = new Smoothed();
  #state: AgentState = {};
  /** Models that it has in memory, as it last said, and those that it is loading. */
  readonly inMemory = new Set<Replica>();
  /** Why it takes no work by its own word; kept, because every request asks for it. */
  #unready: NotRoutable | undefined;
  /** Memory that they leave, by what it last said; below 0 when some of a model is elsewhere. Undefined: it does not say. */
  roomBytes: number | undefined;
  readonly #replicas = new Map<string, Replica>();
  /** Which routes its Ollama has, by the release that they came with: asked for every request. */
  readonly #routes = new Map<string, { version: string | undefined; has: boolean }>();
  readonly #index: ModelIndex;
  readonly #touched: (agent: Agent) => void;

  /**
   * @param index where its models are found by others
   * @param touched anything that is shown of it has changed; called very often
   */
  constructor(
    record: StoredAgent,
    index: ModelIndex = new ModelIndex(),
    touched: (agent: Agent) => void = () => {},
  ) {
    this.#record = record;
    this.#index = index;
    this.#touched = touched;
  }

  get record(): StoredAgent {
    return this.#record;
  }
  set record(record: StoredAgent) {
    this.#record = record;
    this.touch();
  }

  /** Something that is shown of it has changed. */
  touch(): void {
    this.#touched(this);
  }

  get id(): string {
    return this.record.id;
  }
  get name(): string {
    return this.record.name;
  }
  get state(): Readonly<AgentState> {
    return this.#state;
  }
  get ollamaVersion(): string | undefined {
    return this.#state.ollama_version ?? this.record.ollama_version ?? undefined;
  }

  /** @param since first Ollama release with a route; undefined: all have it */
  hasRoute(since: string | undefined): boolean {
    if (since === undefined) return true;
    const version = this.ollamaVersion;
    let known = this.#routes.get(since);
    if (known === undefined || known.version !== version) {
      known = { version, has: hasRoute(version, since) };
      this.#routes.set(since, known);
    }
    return known.has;
  }

  /** Takes over what a HELLO says. What its program does not speak of it knows nothing of, whatever the one before it said. */
  introduce({ allow_manage, max_concurrency, machine_hash, state }: Hello): void {
    this.facts = { allow_manage, max_concurrency, machine_hash };
    this.update({ stopping: false, yielding: null, allow_cloud: false, ...state });
  }

  /** Takes over the fields that a STATE carries. */
  update(change: AgentState): void {
    const allowedCloud = this.allowsCloud;
    this.#state = { ...this.#state, ...change };
    if (this.#state.ollama === "ok" || this.#state.ollama_error === "") delete this.#state.ollama_error;
    this.#unready = unready(this.#state);
    this.#obey(change);
    const listed = change.models !== undefined || this.allowsCloud !== allowedCloud;
    if (listed) this.#list(this.#state.models ?? []);
    const inMemory = listed || change.loaded !== undefined;
    if (inMemory) this.#load(this.#state.loaded ?? []);
    if (inMemory || change.gpus !== undefined || change.memory_total_mb !== undefined) this.#makeUpRoom();
    this.touch();
  }

  /** What the owner changes while the agent is connected holds at once. */
  #obey({ allow_manage, max_concurrency }: AgentState): void {
    if (allow_manage !== undefined) this.facts = { ...this.facts, allow_manage };
    if (max_concurrency !== undefined) {
      this.facts = { ...this.facts, max_concurrency: max_concurrency ?? undefined };
    }
  }

  /** Whether its owner lets requests use ollama.com, on his account. */
  get allowsCloud(): boolean {
    return this.#state.allow_cloud === true;
  }

  /** Whether a model of its list may be used: one of ollama.com would spend the owner's account. */
  offers(model: Model): boolean {
    return this.allowsCloud || !isStub(model);
  }

  #list(models: readonly Model[]): void {
    const listed = new Map(
      models.filter((model) => this.offers(model)).map((model) => [canonicalName(model.name), model]),
    );
    for (const [name, replica] of this.#replicas) {
      if (listed.has(name)) continue;
      replica.present = false;
      this.#index.remove(replica);
      // One that still answers is counted under its own name until it has ended.
      if (replica.inFlight === 0) this.#replicas.delete(name);
    }
    for (const [name, entry] of listed) {
      const known = this.#replicas.get(name);
      const replica = known ?? new Replica(this, name, entry, this.#index.figures(name));
      replica.entry = entry;
      replica.present = true;
      this.#replicas.set(name, replica);
      this.#index.put(replica);
    }
  }

  #load(models: readonly LoadedModel[]): void {
    const loaded = new Map(models.map((model) => [canonicalName(model.name), model]));
    for (const replica of this.inMemory) replica.figures.inMemory--;
    this.inMemory.clear();
    for (const [name, replica] of this.#replicas) {
      replica.loaded = loaded.get(name);
      replica.answered = false;
      this.remembers(replica);
      if (replica.present) this.#index.put(replica);
    }
  }

  /** A model has begun or ended to be on its way into its memory. */
  remembers(replica: Replica): void {
    const there = replica.loaded !== undefined || replica.loading > 0;
    if (there === this.inMemory.has(replica)) return;
    if (there) this.inMemory.add(replica);
    else this.inMemory.delete(replica);
    replica.figures.inMemory += there ? 1 : -1;
    if (this.roomBytes !== undefined) this.roomBytes -= there ? replica.memoryBytes : -replica.memoryBytes;
  }

  /** A machine that says nothing of GPUs computes in its main memory. */
  #makeUpRoom(): void {
    const { gpus = [], memory_total_mb } = this.#state;
    const onGpus = gpus.flatMap((gpu) => gpu.memory_total_mb ?? []);
    const totalMb = onGpus.length > 0 ? onGpus.reduce((sum, each) => sum + each, 0) : memory_total_mb;
    let room = totalMb === undefined ? undefined : totalMb * BYTES_PER_MB;
    if (room !== undefined) for (const { memoryBytes } of this.inMemory) room -= memoryBytes;
    this.roomBytes = room;
  }

  /** It is removed: nobody finds its models any more. */
  leave(): void {
    this.#load([]);
    for (const replica of this.#replicas.values()) this.#index.remove(replica);
  }

  /** Its models; those of ollama.com only where its owner allows them. */
  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  /** A model on this machine; `canonical` as `canonicalName` makes it. */
  replica(canonical: string): Replica | undefined {
    const replica = this.#replicas.get(canonical);
    return replica?.present === true ? replica : undefined;
  }

  /** Its entry for a model, where that may be used. */
  model(canonical: string): Model | undefined {
    return this.replica(canonical)?.entry;
  }

  /** The last request of a model that is not listed any more has ended. */
  forget(replica: Replica): void {
    if (!replica.present && replica.inFlight === 0) this.#replicas.delete(replica.model);
  }

  /** Requests at once: the operator's word, the owner's, what its Ollama really does in parallel, or one. */
  slots(): number {
    return this.#fixedSlots ?? this.#state.ollama_parallel ?? 1;
  }

  get #fixedSlots(): number | undefined {
    return this.record.max_concurrency ?? this.facts.max_concurrency;
  }

  /** Whether it takes nothing at all now; when it does not, `takes` has the last word. */
  get isCrowded(): boolean {
    if (this.inFlight < this.slots()) return false;
    return this.#fixedSlots !== undefined || this.#state.ollama_parallel === undefined;
  }

  /**
   * Whether one more request for this model would run, and not wait inside Ollama, where nobody could give it to another
   * machine. Nobody having set a number, Ollama runs each loaded model with slots of its own; one that is not loaded may have
   * to wait until others are idle, so it counts with them.
   */
  takes(replica: Replica): boolean {
    const parallel = this.#state.ollama_parallel;
    if (this.#fixedSlots !== undefined || parallel === undefined) return this.inFlight < this.slots();
    if (replica.inFlight >= replica.parallel(parallel)) return false;
    return replica.loaded !== undefined || this.inFlight < parallel;
  }

  presence(now: number, windowMs: number): Presence {
    if (this.tunnel?.socket !== undefined) return "online";
    if (this.lostAt !== undefined && now - this.lostAt < windowMs) return "coming_back";
    return "offline";
  }

  /** Why it gets no work now, or undefined. */
  notRoutable(presence: Presence): NotRoutable | undefined {
    if (presence === "coming_back") return "coming_back";
    if (presence === "offline") return this.healthAt === undefined ? "offline" : "no_tunnel";
    if (this.record.draining) return "draining";
    return this.#unready;
  }

  /** Its owner needs it: no new work of any kind. */
  get yields(): boolean {
    return this.#state.yielding != null;
  }
}

function unready({ stopping, yielding, ollama }: AgentState): NotRoutable | undefined {
  if (stopping === true) return "stopping";
  if (yielding != null) return yielding.reason;
  if (ollama === "absent") return "ollama_absent";
  return ollama === "hung" ? "ollama_hung" : undefined;
}
