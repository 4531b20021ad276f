import type { AgentPatch, AgentView } from "../../shared/api/agents.ts";
import type {
  JoinTokenCreate,
  JoinTokenCreated,
  JoinTokenView,
  KeyCreate,
  KeyCreated,
  KeyPatch,
  KeyView,
  Permission,
} from "../../shared/api/keys.ts";
import type { ModelView, PlacementPut } from "../../shared/api/models.ts";
import type { QueueView } from "../../shared/api/queue.ts";
import type { HealthRequest, RegisterRequest, RegisterResponse } from "../../shared/api/register.ts";
import type { SettingsPatch, SettingsView } from "../../shared/api/settings.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";
import { Access } from "./access.ts";
import { Administration } from "./administration.ts";
import type { Agent } from "./agent.ts";
import type { Call, Caller, CoordinatorApi, Outcome, Result } from "./api.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import { CurrentSettings } from "./current-settings.ts";
import type { Deps, Timer } from "./deps.ts";
import { Forwarding } from "./forwarding.ts";
import { Limits } from "./limits/limits.ts";
import { lowestVersion, mergePs, mergeTags } from "./merged-lists.ts";
import { ModelList } from "./placement/model-list.ts";
import { Placement } from "./placement/placement.ts";
import { prune } from "./prune.ts";
import { Recorder } from "./recorder.ts";
import { Registry } from "./registry.ts";
import { RuntimeSaver } from "./runtime-saver.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import { Sessions } from "./sessions.ts";
import { type SlotGauge, slotGauge } from "./slot-gauge.ts";
import type { AgentSocket, SocketAttachment } from "./socket.ts";
import { Windows } from "./windows.ts";

/** While something runs or waits, agents that fell silent are looked for this often, ms. */
const SWEEP_MS = 5_000;

/** The brain: what is where, who waits, and who may. One object decides; the platforms only plug it in. */
export class Coordinator implements CoordinatorApi {
  readonly recorder: Recorder;
  readonly #deps: Deps;
  readonly #settings: CurrentSettings;
  readonly #access: Access;
  readonly #limits: Limits;
  readonly #registry = new Registry();
  readonly #saver: RuntimeSaver;
  readonly #scheduler: Scheduler;
  readonly #sessions: Sessions;
  readonly #forwarding: Forwarding;
  readonly #administration: Administration;
  readonly #windows: Windows;
  readonly #placement: Placement;
  readonly #models: ModelList;
  readonly #byTokenHash = new Map<string, Agent>();
  #sweeper: Timer | undefined;

  /** @param locked settings that the environment decides; the API shows and does not change them */
  constructor(deps: Deps, locked: SettingsPatch = {}) {
    this.#deps = deps;
    const stored = deps.store.load();
    const registry = this.#registry;
    const settings = new CurrentSettings(deps.store, stored.settings, locked);
    const windowMs = (): number => settings.value.resume_window_s * 1_000;
    const access = new Access(deps, stored);
    const recorder = new Recorder(deps);
    const limits = new Limits(deps, () => saver.arm());
    limits.restore(stored.usage, deps.clock.now());
    const saver = new RuntimeSaver(deps, () => {
      access.saveUsed();
      limits.save();
    });
    const windows = new Windows(() => {
      for (const agent of registry.all()) agent.tunnel?.opener.shrink();
    });
    const scheduler = new Scheduler({
      clock: deps.clock,
      machines: registry,
      strategy: () => settings.value.strategy,
      queue: () => settings.value.queue,
      windowMs,
    });
    this.#settings = settings;
    this.#access = access;
    this.#limits = limits;
    this.recorder = recorder;
    this.#saver = saver;
    this.#windows = windows;
    this.#scheduler = scheduler;
    this.#forwarding = new Forwarding({
      clock: deps.clock,
      access,
      limits,
      registry,
      scheduler,
      recorder,
      windows,
      windowMs,
      // Requests of an agent that was removed end after it: its row must not come back.
      counted: (agent) => {
        if (registry.get(agent.id) === agent) saver.mark(agent);
      },
    });
    this.#placement = new Placement(
      { deps, registry, recorder, windows, began: () => this.#keepSweeping() },
      stored.placements,
    );
    this.#models = new ModelList(() => registry.all(), this.#placement);
    this.#sessions = new Sessions({
      deps,
      registry,
      recorder,
      windows,
      settings: () => settings.value,
      changed: (agent) => {
        saver.mark(agent);
        scheduler.pump();
        this.#placement.noticed(agent);
      },
      detached: (agent) => this.#forwarding.detached(agent),
      described: (agent) => deps.store.saveAgent(agent.record),
    });
    this.#administration = new Administration({
      deps,
      access,
      registry,
      scheduler,
      sessions: this.#sessions,
      recorder,
      saver,
      windowMs,
    });

    const now = deps.clock.now();
    const runtimes = new Map(stored.runtimes.map((row) => [row.agent_id, row]));
    for (const record of stored.agents) {
      const agent = registry.add(record);
      const row = runtimes.get(record.id);
      if (row !== undefined) saver.restore(agent, row, now);
      scheduler.resumeTurns(agent.turn);
    }
    // Once the platform has handed over the sockets that are still there.
    deps.defer(() => {
      this.#awaitReturn(now);
      this.#placement.poke();
    });
  }

  /** Agents that were there before the restart at `since` are expected for one window, and then offline. */
  #awaitReturn(since: number): void {
    const missing = (): Agent[] =>
      [...this.#registry.all()].filter((agent) => agent.tunnel === undefined && agent.lostAt === since);
    if (missing().length === 0) return;
    this.#deps.clock.after(this.#settings.value.resume_window_s * 1_000, () => {
      for (const agent of missing()) {
        // Heard of last in a life of ours that has left no word of when.
        agent.lastSeen = since;
        this.#sessions.giveUp(agent);
      }
    });
  }

  // Sockets of agents, called by the platform.

  connect(socket: AgentSocket, agentId: string): void {
    this.#sessions.connect(socket, agentId);
  }
  restore(socket: AgentSocket, attachment: SocketAttachment): void {
    this.#sessions.restore(socket, attachment);
  }
  message(socket: AgentSocket, message: Uint8Array | string): void {
    this.#sessions.message(socket, message);
  }
  closed(socket: AgentSocket): void {
    this.#sessions.closed(socket);
  }

  /** What every tunnel holds right now, for tests and metrics. */
  gauges(): { agent: string; streams: number; received_held: number; received_held_max: number }[] {
    return [...this.#registry.all()].flatMap((agent) =>
      agent.tunnel === undefined ? [] : [{ agent: agent.name, ...agent.tunnel.opener.gauge() }],
    );
  }

  /** Requests that run and that wait. */
  load(): { running: number; waiting: number; streams: number } {
    return {
      running: this.#forwarding.running,
      waiting: this.#scheduler.waiting,
      streams: this.#windows.streams,
    };
  }

  /** What is counted of each key's limits right now, for tests. */
  limitGauge(): ReturnType<Limits["gauge"]> {
    return this.#limits.gauge();
  }

  /** What is counted of each machine's places right now, by its id; for tests. */
  slotGauges(): Record<string, SlotGauge> {
    const now = this.#deps.clock.now();
    return Object.fromEntries([...this.#registry.all()].map((agent) => [agent.id, slotGauge(agent, now)]));
  }

  /** Writes down everything that is not written yet; for an orderly stop. */
  async settle(): Promise<void> {
    this.#saver.save();
    await this.recorder.flush();
  }

  async forward(call: Call, body: ByteSource | null, client: ClientSide): Promise<Outcome> {
    this.#sessions.sweep();
    this.#keepSweeping();
    return this.#forwarding.forward(call, body, client);
  }

  #keepSweeping(): void {
    this.#sweeper ??= this.#deps.clock.after(SWEEP_MS, () => {
      this.#sweeper = undefined;
      this.#sessions.sweep();
      if (this.#forwarding.running + this.#scheduler.waiting + this.#placement.running > 0)
        this.#keepSweeping();
      else if (this.#access.hasUnsaved) this.#saver.arm();
    });
  }

  /** Agents that are there, or were a moment ago. */
  #present(): Agent[] {
    this.#sessions.sweep();
    const now = this.#deps.clock.now();
    const windowMs = this.#settings.value.resume_window_s * 1_000;
    return [...this.#registry.all()].filter((agent) => agent.presence(now, windowMs) !== "offline");
  }

  async findKey(hash: string): Promise<{ key_id: string } | undefined> {
    const key = this.#access.findKey(hash);
    return key === undefined ? undefined : { key_id: key.id };
  }

  async findAgentByToken(hash: string): Promise<{ agent_id: string } | undefined> {
    let agent = this.#byTokenHash.get(hash);
    if (agent === undefined || this.#registry.get(agent.id) !== agent) {
      this.#byTokenHash.clear();
      for (const each of this.#registry.all()) this.#byTokenHash.set(each.record.token_hash, each);
      agent = this.#byTokenHash.get(hash);
    }
    return agent === undefined ? undefined : { agent_id: agent.id };
  }

  async mayCall(
    caller: Caller,
    permission: Permission | undefined,
    models: readonly string[] = [],
  ): Promise<Result<null>> {
    for (const model of [undefined, ...models]) {
      const refused =
        permission === undefined
          ? this.#access.refuse(caller)
          : this.#access.check(caller, permission, model);
      if (refused === undefined) continue;
      return { ok: false, error: { status: refused.code === "unauthorized" ? 401 : 403, ...refused } };
    }
    return { ok: true, value: null };
  }

  async tags(caller: Caller): Promise<Result<Model[]>> {
    return this.#visible(caller, mergeTags);
  }
  async ps(caller: Caller): Promise<Result<LoadedModel[]>> {
    return this.#visible(caller, mergePs);
  }

  #visible<T extends { name: string }>(caller: Caller, merge: (agents: Agent[]) => T[]): Result<T[]> {
    const refused = this.#access.refuse(caller);
    if (refused !== undefined) return { ok: false, error: { status: 401, ...refused } };
    return {
      ok: true,
      value: merge(this.#present()).filter((model) => this.#access.maySee(caller, model.name)),
    };
  }

  async lowestVersion(): Promise<string | undefined> {
    return lowestVersion(this.#present());
  }
  async corsOrigins(): Promise<string[]> {
    return this.#settings.value.cors_origins;
  }
  async prune(): Promise<void> {
    await prune(this.#deps, this.#settings.value.retention_days);
  }

  register(joinTokenHash: string, body: RegisterRequest): Promise<Result<RegisterResponse>> {
    return this.#administration.register(joinTokenHash, body);
  }
  async updateRegistration(agentId: string, body: RegisterRequest): Promise<Result<RegisterResponse>> {
    return this.#administration.updateRegistration(agentId, body);
  }
  async health(agentId: string, body: HealthRequest): Promise<Result<null>> {
    return this.#administration.health(agentId, body);
  }

  async listAgents(): Promise<AgentView[]> {
    this.#sessions.sweep();
    return this.#administration.list();
  }
  async getAgent(id: string): Promise<AgentView | undefined> {
    this.#sessions.sweep();
    return this.#administration.get(id);
  }
  async patchAgent(id: string, patch: AgentPatch): Promise<Result<AgentView>> {
    return this.#poked(this.#administration.patch(id, patch));
  }
  async deleteAgent(id: string): Promise<Result<null>> {
    return this.#poked(this.#administration.remove(id));
  }
  async drainAgent(id: string, draining: boolean): Promise<Result<AgentView>> {
    return this.#poked(this.#administration.drain(id, draining));
  }
  async disconnectAgent(id: string): Promise<Result<null>> {
    return this.#administration.disconnect(id);
  }

  async listKeys(): Promise<KeyView[]> {
    return this.#access.listKeys();
  }
  async createKey(input: KeyCreate): Promise<Result<KeyCreated>> {
    const key = await this.#access.createKey(input);
    this.recorder.event("key_created", null, { id: key.id, name: key.name });
    return { ok: true, value: key };
  }
  async patchKey(id: string, patch: KeyPatch): Promise<Result<KeyView>> {
    const result = this.#access.patchKey(id, patch);
    if (result.ok) this.recorder.event("key_changed", null, { id, ...patch });
    return result;
  }
  async deleteKey(id: string): Promise<Result<null>> {
    const result = this.#access.deleteKey(id);
    if (result.ok) {
      this.#limits.forget(id);
      this.recorder.event("key_revoked", null, { id });
    }
    return result;
  }

  async listJoinTokens(): Promise<JoinTokenView[]> {
    return this.#access.listJoinTokens();
  }
  async createJoinToken(input: JoinTokenCreate): Promise<Result<JoinTokenCreated>> {
    const token = await this.#access.createJoinToken(input);
    this.recorder.event("join_token_created", null, { id: token.id, name: token.name });
    return { ok: true, value: token };
  }
  async deleteJoinToken(id: string): Promise<Result<null>> {
    const result = this.#access.deleteJoinToken(id);
    if (result.ok) this.recorder.event("join_token_deleted", null, { id });
    return result;
  }

  async getQueue(from: number, limit: number): Promise<QueueView> {
    const all = this.#forwarding.waiting();
    const items = all.slice(from, from + limit);
    const end = from + items.length;
    const next_cursor = end < all.length ? String(end) : null;
    return { items, next_cursor, length: all.length, max_length: this.#settings.value.queue.max_length };
  }

  /** What an operator changes of a machine may change where models go. */
  #poked<T>(result: Result<T>): Result<T> {
    this.#placement.poke();
    return result;
  }

  async listModels(page: {
    after: string | undefined;
    limit: number;
  }): Promise<{ items: ModelView[]; more: boolean }> {
    this.#sessions.sweep();
    return this.#models.page(page.after, page.limit);
  }
  async putPlacement(model: string, wanted: PlacementPut): Promise<Result<ModelView>> {
    const result = this.#placement.put(model, wanted);
    return result.ok ? { ok: true, value: this.#models.one(model) } : result;
  }
  async deletePlacement(model: string): Promise<Result<null>> {
    return this.#placement.remove(model);
  }

  async getSettings(): Promise<SettingsView> {
    return this.#settings.view();
  }
  async putSettings(patch: SettingsPatch): Promise<Result<SettingsView>> {
    const result = this.#settings.change(patch);
    if (result.ok) {
      this.recorder.event("settings_changed", null, patch);
      this.#scheduler.pump();
    }
    return result;
  }
}
