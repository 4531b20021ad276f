import type { Settings } from "../../../shared/api/settings.ts";
import type {
  Outbox,
  OutboxRow,
  Store,
  StoredAccessToken,
  StoredAgent,
  StoredJoinToken,
  StoredKey,
  StoredPairing,
  StoredPlacement,
  StoredRuntime,
  StoredState,
  StoredUsage,
} from "../store.ts";

/** A store without a database: what it holds are copies, as in one. */
export class MemoryStore implements Store {
  readonly agents = new Map<string, StoredAgent>();
  readonly runtimes = new Map<string, StoredRuntime>();
  readonly keys = new Map<string, StoredKey>();
  readonly joinTokens = new Map<string, StoredJoinToken>();
  readonly accessTokens = new Map<string, StoredAccessToken>();
  settings: Partial<Settings> = {};
  readonly usage = new Map<string, StoredUsage>();
  readonly placements = new Map<string, StoredPlacement>();
  readonly pairings = new Map<string, StoredPairing>();
  readonly outbox = new MemoryOutbox();
  /** Calls of writing methods, by name. */
  readonly journal: string[] = [];
  /** The disk is full. */
  refuses = false;

  #write(name: string): void {
    if (this.refuses) throw new Error("database or disk is full");
    this.journal.push(name);
  }

  load(): StoredState {
    return structuredClone({
      agents: [...this.agents.values()],
      runtimes: [...this.runtimes.values()],
      keys: [...this.keys.values()],
      joinTokens: [...this.joinTokens.values()],
      accessTokens: [...this.accessTokens.values()],
      settings: this.settings,
      usage: [...this.usage.values()],
      placements: [...this.placements.values()],
      pairings: [...this.pairings.values()],
    });
  }

  saveAgent(agent: StoredAgent): void {
    this.#write("saveAgent");
    this.agents.set(agent.id, structuredClone(agent));
  }
  deleteAgent(id: string): void {
    this.#write("deleteAgent");
    this.agents.delete(id);
    this.runtimes.delete(id);
  }
  saveRuntimes(rows: readonly StoredRuntime[]): void {
    this.#write("saveRuntimes");
    for (const row of rows) this.runtimes.set(row.agent_id, structuredClone(row));
  }
  saveKey(key: StoredKey): void {
    this.#write("saveKey");
    this.keys.set(key.id, structuredClone(key));
  }
  deleteKey(id: string): void {
    this.#write("deleteKey");
    this.keys.delete(id);
    this.usage.delete(id);
  }
  saveUsage(rows: readonly StoredUsage[]): void {
    this.#write("saveUsage");
    for (const row of rows) this.usage.set(row.key_id, { ...row });
  }
  savePlacement(placement: StoredPlacement): void {
    this.#write("savePlacement");
    this.placements.set(placement.model, structuredClone(placement));
  }
  deletePlacement(model: string): void {
    this.#write("deletePlacement");
    this.placements.delete(model);
  }
  saveJoinToken(token: StoredJoinToken): void {
    this.#write("saveJoinToken");
    this.joinTokens.set(token.id, structuredClone(token));
  }
  deleteJoinToken(id: string): void {
    this.#write("deleteJoinToken");
    this.joinTokens.delete(id);
  }
  saveAccessToken(token: StoredAccessToken): void {
    this.#write("saveAccessToken");
    this.accessTokens.set(token.id, structuredClone(token));
  }
  deleteAccessToken(id: string): void {
    this.#write("deleteAccessToken");
    this.accessTokens.delete(id);
  }
  register(agent: StoredAgent, token: StoredJoinToken): void {
    this.#write("register");
    this.agents.set(agent.id, structuredClone(agent));
    this.joinTokens.set(token.id, structuredClone(token));
  }
  savePairing(pairing: StoredPairing, agent?: StoredAgent): void {
    this.#write("savePairing");
    this.pairings.set(pairing.id, structuredClone(pairing));
    if (agent !== undefined) this.agents.set(agent.id, structuredClone(agent));
  }
  deletePairings(ids: readonly string[]): void {
    this.#write("deletePairings");
    for (const id of ids) this.pairings.delete(id);
  }
  saveSettings(settings: Partial<Settings>): void {
    this.#write("saveSettings");
    this.settings = structuredClone(settings);
  }
}

class MemoryOutbox implements Outbox {
  readonly rows = new Map<string, OutboxRow>();
  refuses = false;

  put(rows: readonly OutboxRow[]): void {
    if (this.refuses) throw new Error("database or disk is full");
    for (const row of rows) this.rows.set(row.id, { ...row });
  }
  take(limit: number): OutboxRow[] {
    return [...this.rows.values()].slice(0, limit).map((row) => ({ ...row }));
  }
  delete(ids: readonly string[]): void {
    for (const id of ids) this.rows.delete(id);
  }
  size(): number {
    return this.rows.size;
  }
}
