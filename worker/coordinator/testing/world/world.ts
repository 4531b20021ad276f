import type { KeyPatch } from "../../../../shared/api/keys.ts";
import { TIMES } from "../../../../shared/protocol/limits.ts";
import { Bench, storedAgent, storedKey } from "../bench.ts";
import type { FakeAgent, FakeRequest } from "../fake-agent.ts";
import { MemoryStore } from "../memory-store.ts";
import { turn } from "../turn.ts";
import { Edge } from "./edge.ts";
import { machineOf, Ollamas, stateOf } from "./machines.ts";
import { KEYS, NAMES, type Step } from "./steps.ts";

/** How long a finished request may wait for the history, ms. */
const UNWRITTEN_MS = 400;
/** Failures that open a breaker. */
const STORM = 5;
const JOIN = "hash of the join token";

const nobody = { message: () => {}, closed: () => {} };

/** The brain with three agents, four keys, and clients behind an edge that sends again what was lost. */
export class World {
  readonly bench: Bench;
  readonly edge: Edge;
  readonly ollamas = new Ollamas();
  readonly agents: FakeAgent[];
  /** Ids of the keys; one that was revoked is followed by another. */
  readonly keys: string[] = [];
  /** Moments at which what was not written down was lost, until somebody has looked. */
  readonly crashes: number[] = [];
  /** Keys whose limits have changed, until somebody has looked. */
  readonly changed = new Set<string>();
  #removed = new Set<FakeAgent>();
  readonly #lostAt = new Map<FakeAgent, number>();
  #restarts = 0;

  constructor() {
    for (let index = 0; index < KEYS; index++) this.keys.push(`key-${index}`);
    const store = new MemoryStore();
    store.joinTokens.set("join", {
      id: "join",
      name: "join",
      hash: JOIN,
      prefix: "ocj_abcdef",
      created_at: 0,
      expires_at: Number.MAX_SAFE_INTEGER,
      max_uses: 1_000_000,
      uses: 0,
    });
    this.bench = new Bench({
      store,
      agents: NAMES.map((name) => storedAgent(name)),
      keys: this.keys.map((id, index) =>
        storedKey(id, { max_concurrency: index === 0 ? 2 : null, rpm: index === 1 ? 4 : null }),
      ),
    });
    this.agents = NAMES.map((name, index) => machineOf(name, name, index));
    this.edge = new Edge(this.bench);
  }

  get strategy(): string {
    return this.bench.store.settings.strategy ?? "auto";
  }

  async perform(one: Step): Promise<void> {
    const { brain } = this.bench;
    switch (one.do) {
      case "ask":
        this.edge.ask(one, this.keys[one.key], one.pinned === undefined ? undefined : NAMES[one.pinned]);
        return;
      case "write":
        this.#withOpen(one.which, (request) => this.ollamas.say(request));
        return;
      case "finish":
        this.#withOpen(one.which, (request) => this.ollamas.finish(request));
        return;
      case "answer":
        this.#withOpen(one.which, (request) => this.ollamas.finish(request, one.status, one.stats));
        return;
      case "cut":
      case "refuse":
        this.#withOpen(one.which, (request) => this.ollamas.fail(request, one.do === "cut"));
        return;
      case "leave": {
        const { unsettled } = this.edge;
        const journey = unsettled[one.which % Math.max(1, unsettled.length)];
        if (journey !== undefined) this.edge.leave(journey);
        return;
      }
      case "wait":
        await this.wait(one.ms);
        return;
      case "queue":
        await brain.putSettings({ queue: { max_length: one.length, timeout_s: one.timeout_s } });
        return;
      case "strategy":
        await brain.putSettings({ strategy: one.strategy });
        return;
      case "limit":
        await this.#limit(one.key, one.patch);
        return;
      case "revoke":
        await this.#revoke(one.key);
        return;
      case "dawdle":
        this.edge.slow = one.slow;
        return;
      case "send":
        this.edge.send();
        return;
      case "evict":
        await this.#evict(one.sockets, one.orderly);
        return;
      case "repair":
        await this.#repair();
        return;
      case "rush":
        return;
      default:
        await this.#toAgent(one, one.agent);
    }
  }

  #withOpen(which: number, act: (request: FakeRequest) => void): void {
    const open = this.ollamas.open(this.agents);
    const request = open[which % Math.max(1, open.length)];
    if (request !== undefined) act(request);
  }

  async #toAgent(one: Extract<Step, { agent: number }>, index: number): Promise<void> {
    const each = this.agents[index];
    if (each === undefined) return;
    const { brain } = this.bench;
    switch (one.do) {
      case "lose":
        this.lose(each);
        return;
      case "dial":
        this.dial(each);
        return;
      case "restart":
        this.lose(each);
        each.restart(`instance-${++this.#restarts}`);
        this.dial(each);
        return;
      case "stop":
        each.say({ type: "state", stream: 0, json: { stopping: true } });
        this.lose(each);
        return;
      case "break":
        each.say({ type: "state", stream: 0, json: { stopping: "perhaps" } });
        return;
      case "drain":
      case "resume":
        await brain.drainAgent(each.id, one.do === "drain");
        return;
      case "disconnect":
        await brain.disconnectAgent(each.id);
        return;
      case "tell":
        each.tell(stateOf(one.what));
        return;
      case "patch":
        await brain.patchAgent(each.id, { max_concurrency: one.slots, weight: one.weight });
        return;
      case "remove":
        await brain.deleteAgent(each.id);
        this.#removed.add(each);
        return;
      case "register":
        await this.#register(each, index);
        return;
      case "storm":
        await this.#storm(each, one.model);
    }
  }

  async #limit(index: number, patch: KeyPatch): Promise<void> {
    const id = this.keys[index];
    if (id === undefined) return;
    this.changed.add(id);
    await this.bench.brain.patchKey(id, patch);
  }

  async #revoke(index: number): Promise<void> {
    const { brain } = this.bench;
    await brain.deleteKey(this.keys[index] ?? "");
    const created = await brain.createKey({
      name: `key ${index}`,
      permissions: ["infer", "manage"],
      path: false,
      rpm: 4,
      max_concurrency: 2,
    });
    if (created.ok) this.keys[index] = created.value.id;
  }

  async #register(old: FakeAgent, index: number): Promise<void> {
    if (!this.#removed.has(old)) return;
    const { brain } = this.bench;
    const registered = await brain.register(JOIN, {
      machine_name: old.name,
      ip_address: "",
      ollama_version: "0.20.0",
      ollama_port: 11_434,
    });
    if (!registered.ok) throw new Error(registered.error.message);
    old.lose();
    const agent = machineOf(registered.value.agent_id, old.name, index);
    this.agents[index] = agent;
    this.dial(agent);
  }

  /** As many requests in a row as open the breaker, as far as they come through. */
  async #storm(each: FakeAgent, model: number): Promise<void> {
    for (let number = 0; number < STORM; number++) {
      const before = new Set(each.requests);
      const asks = { do: "ask", model, key: KEYS, numCtx: undefined, talk: undefined, show: false } as const;
      this.edge.ask({ ...asks, pinned: undefined }, undefined, each.name);
      await turn();
      for (const request of each.open) if (!before.has(request)) this.ollamas.finish(request, 500);
      await turn();
    }
  }

  dial(each: FakeAgent): void {
    if (each.socket !== undefined) return;
    this.#lostAt.delete(each);
    each.dial(this.bench.brain, this.bench.now);
  }

  lose(each: FakeAgent): void {
    each.lose();
    if (!this.#lostAt.has(each)) this.#lostAt.set(each, this.bench.now());
  }

  async wait(ms: number): Promise<void> {
    for (const each of this.agents) each.socket?.ping();
    await this.bench.clock.advance(ms);
    for (const each of this.agents) {
      each.socket?.ping();
      const lostAt = this.#lostAt.get(each);
      if (lostAt !== undefined && this.bench.now() - lostAt >= TIMES.resume_window_ms) each.giveUp();
    }
  }

  /** The brain is thrown away and made anew from what is stored; sockets outlive a sleep, and never a reset. */
  async #evict(survive: readonly boolean[], orderly: boolean): Promise<void> {
    await turn();
    if (orderly) await this.bench.brain.settle();
    else this.crashes.push(this.bench.now());
    for (const request of this.agents.flatMap((each) => each.open)) this.ollamas.ghosts.add(request);
    this.bench.restart();
    this.agents.forEach((each, index) => {
      const { socket } = each;
      if (socket === undefined) return;
      const { attachment } = socket;
      if (orderly && survive[index] === true && attachment !== undefined) {
        socket.rewire(this.bench.brain);
        this.bench.brain.restore(socket, attachment);
      } else {
        socket.rewire(nobody);
        this.lose(each);
      }
    });
    this.edge.evicted(orderly, UNWRITTEN_MS);
    await turn();
    if (!this.edge.slow) this.edge.send();
  }

  /** All machines are there with all models. */
  async #repair(): Promise<void> {
    const { brain } = this.bench;
    for (const [index, each] of this.agents.entries()) {
      await this.#register(each, index);
      await brain.drainAgent(this.agents[index]?.id ?? "", false);
    }
    for (const each of this.agents) {
      this.dial(each);
      each.tell({ ollama: "ok", yielding: null, ...stateOf({ models: [0, 1, 2] }) });
    }
  }

  /** All machines answer until nobody waits. */
  async settle(): Promise<void> {
    const { brain } = this.bench;
    this.edge.slow = false;
    await brain.putSettings({ queue: { max_length: 100, timeout_s: 60 } });
    for (let round = 0; round < 200; round++) {
      await this.#repair();
      this.edge.send();
      await turn();
      for (const request of this.ollamas.open(this.agents)) this.ollamas.finish(request);
      await turn();
      if (this.edge.unsettled.length === 0) return;
      await this.wait(1_000);
    }
    throw new Error(`still waiting: ${JSON.stringify(brain.load())}`);
  }
}
