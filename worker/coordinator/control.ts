import type {
  AccessTokenCreate,
  AccessTokenCreated,
  AccessTokenView,
} from "../../shared/api/access-tokens.ts";
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
import type { Metric } from "../../shared/api/metrics.ts";
import type { ModelView, PlacementPut } from "../../shared/api/models.ts";
import type {
  PairingApproved,
  PairingAsked,
  PairingPending,
  PairingReject,
  PairingView,
} from "../../shared/api/pairing.ts";
import type { QueueView } from "../../shared/api/queue.ts";
import type { HealthRequest, RegisterRequest, RegisterResponse } from "../../shared/api/register.ts";
import type { SettingsPatch, SettingsView } from "../../shared/api/settings.ts";
import type { LoadedModel, Model } from "../../shared/protocol/messages.ts";
import type { KeyRecordView } from "./access.ts";
import type { Agent } from "./agent.ts";
import type { Caller, CoordinatorApi, Result, SignIn } from "./api.ts";
import { changes } from "./changes.ts";
import { checkToken, signIn } from "./login/check-token.ts";
import { lowestVersion, mergePs, mergeTags, withAliases } from "./merged-lists.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { Parts } from "./parts.ts";

/** What the stateless side may ask and an operator may do: every method is a call of `CoordinatorApi`. */
export class Control implements CoordinatorApi {
  protected readonly parts: Parts;
  readonly #byTokenHash = new Map<string, Agent>();
  readonly #metrics: Metrics;

  constructor(parts: Parts) {
    this.parts = parts;
    this.#metrics = new Metrics(parts);
  }

  /** Agents that are there, or were a moment ago. */
  #present(): Agent[] {
    this.parts.sessions.sweep();
    const now = this.parts.deps.clock.now();
    const windowMs = this.parts.settings.value.resume_window_s * 1_000;
    return [...this.parts.registry.all()].filter((agent) => agent.presence(now, windowMs) !== "offline");
  }

  async findKey(hash: string): Promise<{ key_id: string } | undefined> {
    const key = this.parts.access.findKey(hash);
    return key === undefined ? undefined : { key_id: key.id };
  }

  async findAgentByToken(hash: string): Promise<{ agent_id: string } | undefined> {
    let agent = this.#byTokenHash.get(hash);
    const current = agent?.record.token_hash === hash && this.parts.registry.get(agent.id) === agent;
    if (!current) {
      this.#byTokenHash.clear();
      for (const each of this.parts.registry.all()) this.#byTokenHash.set(each.record.token_hash, each);
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
          ? this.parts.access.refuse(caller)
          : this.parts.access.check(caller, permission, model);
      if (refused === undefined) continue;
      return { ok: false, error: { status: refused.code === "unauthorized" ? 401 : 403, ...refused } };
    }
    return { ok: true, value: null };
  }

  async tags(caller: Caller): Promise<Result<Model[]>> {
    const merged = this.#visible(caller, mergeTags, () => true);
    if (!merged.ok) return merged;
    const maySee = (name: string): boolean => this.parts.access.maySee(caller, name);
    return { ok: true, value: withAliases(merged.value, this.parts.settings.value, maySee) };
  }
  async ps(caller: Caller): Promise<Result<LoadedModel[]>> {
    return this.#visible(caller, mergePs);
  }

  #visible<T extends { name: string }>(
    caller: Caller,
    merge: (agents: Agent[]) => T[],
    maySee = (model: T): boolean => this.parts.access.maySee(caller, model.name),
  ): Result<T[]> {
    const refused = this.parts.access.refuse(caller);
    if (refused !== undefined) return { ok: false, error: { status: 401, ...refused } };
    return {
      ok: true,
      value: merge(this.#present()).filter(maySee),
    };
  }

  async lowestVersion(): Promise<string | undefined> {
    return lowestVersion(this.#present());
  }
  async corsOrigins(): Promise<string[]> {
    return this.parts.settings.value.cors_origins;
  }
  async prune(): Promise<void> {
    try {
      this.parts.pairings.prune();
    } catch (error) {
      // Nobody waits for this, and in Node a rejection that nobody takes ends the process.
      this.parts.deps.log.warn("pairings could not be pruned; tried again later", { error: String(error) });
    }
    await this.parts.housekeeping.run();
  }

  register(joinTokenHash: string, body: RegisterRequest): Promise<Result<RegisterResponse>> {
    return this.parts.administration.register(joinTokenHash, body);
  }
  async updateRegistration(agentId: string, body: RegisterRequest): Promise<Result<RegisterResponse>> {
    return this.parts.administration.updateRegistration(agentId, body);
  }
  async health(agentId: string, body: HealthRequest): Promise<Result<null>> {
    return this.parts.administration.health(agentId, body);
  }

  askPairing(body: RegisterRequest, callerAddress: string | null): Promise<Result<PairingAsked>> {
    return this.parts.pairings.ask(body, callerAddress);
  }
  fetchPairing(secretHash: string): Promise<Result<PairingPending | PairingApproved>> {
    return this.parts.pairings.fetch(secretHash);
  }
  async listPairings(): Promise<PairingView[]> {
    return this.parts.pairings.list();
  }
  approvePairing(code: string, by?: string): Promise<Result<AgentView>> {
    return this.parts.pairings.approve(code, by ?? null);
  }
  rejectPairing(which: PairingReject, by?: string): Promise<Result<null>> {
    return this.parts.pairings.reject(which, by ?? null);
  }

  async listAgents(): Promise<AgentView[]> {
    this.parts.sessions.sweep();
    return this.parts.administration.list();
  }
  async getAgent(id: string): Promise<AgentView | undefined> {
    this.parts.sessions.sweep();
    return this.parts.administration.get(id);
  }
  async patchAgent(id: string, patch: AgentPatch, by?: string): Promise<Result<AgentView>> {
    return this.#poked(this.parts.administration.patch(id, patch, by ?? null));
  }
  async deleteAgent(id: string, by?: string): Promise<Result<null>> {
    return this.#poked(this.parts.administration.remove(id, by ?? null));
  }
  async drainAgent(id: string, draining: boolean, by?: string): Promise<Result<AgentView>> {
    return this.#poked(this.parts.administration.drain(id, draining, by ?? null));
  }
  async disconnectAgent(id: string, by?: string): Promise<Result<null>> {
    return this.parts.administration.disconnect(id, by ?? null);
  }

  async listKeys(): Promise<KeyView[]> {
    return this.parts.access.listKeys().map((key) => this.#withUsage(key));
  }
  async createKey(input: KeyCreate, by?: string): Promise<Result<KeyCreated>> {
    const created = await this.parts.access.createKey(input);
    const { key: _secret, ...told } = created;
    this.parts.recorder.event("key_created", null, told, by ?? null);
    return { ok: true, value: this.#withUsage(created) };
  }
  async patchKey(id: string, patch: KeyPatch, by?: string): Promise<Result<KeyView>> {
    const before = this.#key(id);
    const result = this.parts.access.patchKey(id, patch);
    const changed = result.ok && before !== undefined ? changes(before, result.value) : undefined;
    if (changed !== undefined) {
      this.parts.recorder.event("key_changed", null, { id, name: before?.name, ...changed }, by ?? null);
    }
    return result.ok ? { ok: true, value: this.#withUsage(result.value) } : result;
  }
  async deleteKey(id: string, by?: string): Promise<Result<null>> {
    const before = this.#key(id);
    const result = this.parts.access.deleteKey(id);
    if (result.ok) {
      this.parts.limits.forget(id);
      this.parts.recorder.event("key_revoked", null, { ...before }, by ?? null);
    }
    return result;
  }

  #key(id: string): KeyRecordView | undefined {
    return this.parts.access.listKeys().find((key) => key.id === id);
  }

  /** Only for answers: what is used at a moment is no part of what a key is, and of no event about it. */
  #withUsage<T extends KeyRecordView>(key: T): T & Pick<KeyView, "usage"> {
    return { ...key, usage: this.parts.limits.counted(key.id, key) };
  }

  async listJoinTokens(): Promise<JoinTokenView[]> {
    return this.parts.access.listJoinTokens();
  }
  async createJoinToken(input: JoinTokenCreate, by?: string): Promise<Result<JoinTokenCreated>> {
    const created = await this.parts.access.createJoinToken(input);
    const { token: _secret, ...told } = created;
    this.parts.recorder.event("join_token_created", null, told, by ?? null);
    return { ok: true, value: created };
  }
  async deleteJoinToken(id: string, by?: string): Promise<Result<null>> {
    const before = this.parts.access.listJoinTokens().find((token) => token.id === id);
    const result = this.parts.access.deleteJoinToken(id);
    if (result.ok) this.parts.recorder.event("join_token_deleted", null, { ...before }, by ?? null);
    return result;
  }

  async listAccessTokens(): Promise<AccessTokenView[]> {
    return this.parts.accessTokens.list();
  }
  createAccessToken(input: AccessTokenCreate, by?: string): Promise<Result<AccessTokenCreated>> {
    return this.parts.accessTokens.create(input, by ?? null);
  }
  async deleteAccessToken(id: string, by?: string): Promise<Result<null>> {
    const result = this.parts.accessTokens.remove(id, by ?? null);
    if (result.ok) this.parts.feed.endToken(id);
    return result;
  }
  async findAccessToken(id: string): Promise<AccessTokenView | undefined> {
    return this.parts.accessTokens.byId(id);
  }
  async checkToken(
    hash: string,
    callerAddress: string | null,
    guessable = true,
  ): Promise<Result<AccessTokenView>> {
    return checkToken(this.parts, hash, callerAddress, guessable);
  }
  async signIn(who: SignIn): Promise<Result<null>> {
    return signIn(this.parts, who);
  }
  async signOut(by: string, sessionId?: string): Promise<void> {
    if (sessionId !== undefined) this.parts.feed.endSession(sessionId);
    this.parts.recorder.event("logout", null, {}, by);
  }

  async getQueue(from: number, limit: number): Promise<QueueView> {
    const all = this.parts.forwarding.waiting();
    const items = all.slice(from, from + limit);
    const end = from + items.length;
    const next_cursor = end < all.length ? String(end) : null;
    return { items, next_cursor, length: all.length, max_length: this.parts.settings.value.queue.max_length };
  }

  /** What an operator changes of a machine may change where models go. */
  #poked<T>(result: Result<T>): Result<T> {
    this.parts.placement.poke();
    return result;
  }

  async listModels(page: {
    after: string | undefined;
    limit: number;
  }): Promise<{ items: ModelView[]; more: boolean }> {
    this.parts.sessions.sweep();
    return this.parts.models.page(page.after, page.limit);
  }
  async putPlacement(model: string, wanted: PlacementPut, by?: string): Promise<Result<ModelView>> {
    const result = this.parts.placement.put(model, wanted, by ?? null);
    return result.ok ? { ok: true, value: this.parts.models.one(model) } : result;
  }
  async deletePlacement(model: string, by?: string): Promise<Result<null>> {
    return this.parts.placement.remove(model, by ?? null);
  }

  async getSettings(): Promise<SettingsView> {
    return this.parts.settings.view();
  }
  async putSettings(patch: SettingsPatch, by?: string): Promise<Result<SettingsView>> {
    const before = this.parts.settings.value;
    const result = this.parts.settings.change(patch);
    if (result.ok) {
      const changed = changes(before, this.parts.settings.value);
      if (changed !== undefined) {
        this.parts.recorder.event("settings_changed", null, { ...changed }, by ?? null);
      }
      this.parts.scheduler.pump();
    }
    return result;
  }

  async getMetrics(): Promise<Metric[]> {
    this.parts.sessions.sweep();
    return this.#metrics.read();
  }
}
