import type { NotRoutable } from "../../shared/api/agents.ts";
import { canonicalName } from "../../shared/lib/model-name.ts";
import type { AgentState, Model } from "../../shared/protocol/messages.ts";
import type { StoredAgent } from "./store.ts";
import type { Tunnel } from "./tunnel.ts";

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
  record: StoredAgent;
  facts: MachineFacts = { allow_manage: false, max_concurrency: undefined, machine_hash: undefined };
  tunnel: Tunnel | undefined;
  /** When its tunnel was lost without a goodbye, if it was; ms. */
  lostAt: number | undefined;
  lastSeen: number | undefined;
  /** When `POST /api/health` last said that it lives; ms. */
  healthAt: number | undefined;
  /** Slots held: the one count that dispatching believes. */
  inFlight = 0;
  /** Place in the rotation: the number of the last grant it got. */
  turn = 0;
  totalRequests = 0;
  failedRequests = 0;
  tokensPerSecond: number | undefined;
  #state: AgentState = {};
  #models = new Map<string, Model>();

  constructor(record: StoredAgent) {
    this.record = record;
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

  /** Takes over the fields that a HELLO or STATE carries. */
  update(change: AgentState): void {
    this.#state = { ...this.#state, ...change };
    if (this.#state.ollama === "ok" || this.#state.ollama_error === "") delete this.#state.ollama_error;
    if (change.models !== undefined) {
      this.#models = new Map(change.models.map((model) => [canonicalName(model.name), model]));
    }
  }

  /** Its entry for a model, cloud stubs left out; `canonical` as `canonicalName` makes it. */
  model(canonical: string): Model | undefined {
    const model = this.#models.get(canonical);
    return model?.remote_host === undefined ? model : undefined;
  }

  /** Requests at once: the operator's word, the owner's, what its Ollama really does in parallel, or one. */
  slots(): number {
    return this.record.max_concurrency ?? this.facts.max_concurrency ?? this.#state.ollama_parallel ?? 1;
  }

  freeSlots(): number {
    return Math.max(0, this.slots() - this.inFlight);
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
    if (this.#state.stopping === true) return "stopping";
    if (this.#state.ollama === "absent") return "ollama_absent";
    if (this.#state.ollama === "hung") return "ollama_hung";
    return undefined;
  }

  /** Folds the speed of one answer into the smoothed value; tokens per second. */
  observeSpeed(tokensPerSecond: number): void {
    this.tokensPerSecond =
      this.tokensPerSecond === undefined
        ? tokensPerSecond
        : this.tokensPerSecond * 0.8 + tokensPerSecond * 0.2;
  }
}
