import { asc, count, eq, getTableColumns, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/durable-sqlite";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { type Settings, settings as settingsSchema } from "../../shared/api/settings.ts";
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
} from "../coordinator/store.ts";
import {
  accessTokens,
  agentRuntimes,
  agents,
  joinTokens,
  keys,
  keyUsage,
  outbox,
  pairings,
  placements,
  settings,
} from "./schema.ts";
import type { SyncStorage } from "./storage.ts";

/** The object's own tables, on a Durable Object's storage or on a file: the driver is the same. */
export class SqlStore implements Store {
  readonly #db: ReturnType<typeof open>;
  readonly #warn: (message: string) => void;
  readonly outbox: Outbox;

  constructor(storage: SyncStorage, warn: (message: string) => void) {
    this.#db = open(storage);
    this.#warn = warn;
    this.outbox = new SqlOutbox(this.#db);
  }

  load(): StoredState {
    const db = this.#db;
    const agentIds = db
      .select({ id: agents.id })
      .from(agents)
      .orderBy(asc(agents.registered_at), asc(agents.id));
    const keyIds = db.select({ id: keys.id }).from(keys).orderBy(asc(keys.created_at), asc(keys.id));
    return {
      agents: this.#readable("agent", agentIds.all(), (id) =>
        db.select().from(agents).where(eq(agents.id, id)).all(),
      ),
      runtimes: db.select().from(agentRuntimes).all(),
      keys: this.#readable("key", keyIds.all(), (id) => db.select().from(keys).where(eq(keys.id, id)).all()),
      joinTokens: db.select().from(joinTokens).orderBy(asc(joinTokens.created_at)).all(),
      accessTokens: db.select().from(accessTokens).orderBy(asc(accessTokens.created_at)).all(),
      settings: this.#loadSettings(),
      usage: db.select().from(keyUsage).all(),
      placements: this.#readable(
        "placement",
        db.select({ id: placements.model }).from(placements).orderBy(asc(placements.model)).all(),
        (model) => db.select().from(placements).where(eq(placements.model, model)).all(),
      ),
      pairings: this.#readable(
        "pairing",
        db.select({ id: pairings.id }).from(pairings).orderBy(asc(pairings.created_at)).all(),
        (id) => db.select().from(pairings).where(eq(pairings.id, id)).all(),
      ),
    };
  }

  /** Row by row where a row has JSON: one that cannot be read is left out, alone, and does not stop the start. */
  #readable<T>(what: string, ids: readonly { id: string }[], read: (id: string) => T[]): T[] {
    return ids.flatMap(({ id }) => {
      try {
        return read(id);
      } catch (error) {
        this.#warn(`stored ${what} ${id} cannot be read and is left out: ${String(error)}`);
        return [];
      }
    });
  }

  /** A value that this release does not understand is left out, and the default holds: a setting must not stop the start. */
  #loadSettings(): Partial<Settings> {
    const stored: Record<string, unknown> = {};
    for (const { name, value } of this.#db.select().from(settings).all()) {
      const field = settingsSchema.shape[name as keyof Settings];
      const parsed = field?.safeParse(parseJson(value));
      if (parsed?.success === true) stored[name] = parsed.data;
      else this.#warn(`stored setting ${name} cannot be used; its default holds`);
    }
    return stored;
  }

  saveAgent(agent: StoredAgent): void {
    this.#upsertAgent(agent);
  }

  #upsertAgent(agent: StoredAgent): void {
    this.#db
      .insert(agents)
      .values(agent)
      .onConflictDoUpdate({ target: agents.id, set: { ...agent } })
      .run();
  }

  deleteAgent(id: string): void {
    this.#db.transaction((tx) => {
      tx.delete(agents).where(eq(agents.id, id)).run();
      tx.delete(agentRuntimes).where(eq(agentRuntimes.agent_id, id)).run();
    });
  }

  saveRuntimes(rows: readonly StoredRuntime[]): void {
    this.#db.transaction((tx) => {
      for (const row of rows) {
        tx.insert(agentRuntimes)
          .values(row)
          .onConflictDoUpdate({ target: agentRuntimes.agent_id, set: { ...row } })
          .run();
      }
    });
  }

  saveKey(key: StoredKey): void {
    this.#db
      .insert(keys)
      .values(key)
      .onConflictDoUpdate({ target: keys.id, set: { ...key } })
      .run();
  }

  deleteKey(id: string): void {
    this.#db.transaction((tx) => {
      tx.delete(keys).where(eq(keys.id, id)).run();
      tx.delete(keyUsage).where(eq(keyUsage.key_id, id)).run();
    });
  }

  saveUsage(rows: readonly StoredUsage[]): void {
    this.#db.transaction((tx) => {
      for (const row of rows) {
        tx.insert(keyUsage)
          .values(row)
          .onConflictDoUpdate({ target: keyUsage.key_id, set: { usage: row.usage } })
          .run();
      }
    });
  }

  savePlacement(placement: StoredPlacement): void {
    this.#db
      .insert(placements)
      .values(placement)
      .onConflictDoUpdate({ target: placements.model, set: { ...placement } })
      .run();
  }

  deletePlacement(model: string): void {
    this.#db.delete(placements).where(eq(placements.model, model)).run();
  }

  saveJoinToken(token: StoredJoinToken): void {
    this.#db
      .insert(joinTokens)
      .values(token)
      .onConflictDoUpdate({ target: joinTokens.id, set: { ...token } })
      .run();
  }

  deleteJoinToken(id: string): void {
    this.#db.delete(joinTokens).where(eq(joinTokens.id, id)).run();
  }

  saveAccessToken(token: StoredAccessToken): void {
    this.#db
      .insert(accessTokens)
      .values(token)
      .onConflictDoUpdate({ target: accessTokens.id, set: { ...token } })
      .run();
  }

  deleteAccessToken(id: string): void {
    this.#db.delete(accessTokens).where(eq(accessTokens.id, id)).run();
  }

  register(agent: StoredAgent, token: StoredJoinToken): void {
    this.#db.transaction(() => {
      this.#upsertAgent(agent);
      this.saveJoinToken(token);
    });
  }

  savePairing(pairing: StoredPairing, agent?: StoredAgent): void {
    this.#db.transaction((tx) => {
      if (agent !== undefined) this.#upsertAgent(agent);
      tx.insert(pairings)
        .values(pairing)
        .onConflictDoUpdate({ target: pairings.id, set: { ...pairing } })
        .run();
    });
  }

  /** In steps: a Durable Object binds at most 100 parameters. */
  deletePairings(ids: readonly string[]): void {
    for (let at = 0; at < ids.length; at += 90) {
      this.#db
        .delete(pairings)
        .where(inArray(pairings.id, ids.slice(at, at + 90)))
        .run();
    }
  }

  saveSettings(values: Partial<Settings>): void {
    this.#db.transaction((tx) => {
      for (const [name, value] of Object.entries(values)) {
        const row = { name, value: JSON.stringify(value) };
        tx.insert(settings).values(row).onConflictDoUpdate({ target: settings.name, set: row }).run();
      }
    });
  }
}

class SqlOutbox implements Outbox {
  readonly #db: ReturnType<typeof open>;

  constructor(db: ReturnType<typeof open>) {
    this.#db = db;
  }

  /** A row that is there already keeps its place; only its refusals change. */
  put(rows: readonly OutboxRow[]): void {
    this.#db.transaction((tx) => {
      for (const row of rows) {
        tx.insert(outbox)
          .values(row)
          .onConflictDoUpdate({ target: outbox.id, set: { refusals: row.refusals } })
          .run();
      }
    });
  }

  take(limit: number): OutboxRow[] {
    const { seq: _seq, ...columns } = getTableColumns(outbox);
    return this.#db.select(columns).from(outbox).orderBy(asc(outbox.seq)).limit(limit).all();
  }

  /** In steps: a Durable Object binds at most 100 parameters. */
  delete(ids: readonly string[]): void {
    for (let at = 0; at < ids.length; at += 90) {
      this.#db
        .delete(outbox)
        .where(inArray(outbox.id, ids.slice(at, at + 90)))
        .run();
    }
  }

  size(): number {
    return rowsIn(this.#db, outbox);
  }
}

function rowsIn(db: ReturnType<typeof open>, table: SQLiteTable): number {
  return (
    db
      .select({ rows: count(sql`*`) })
      .from(table)
      .all()[0]?.rows ?? 0
  );
}

function open(storage: SyncStorage) {
  // The driver is typed for Cloudflare's storage and uses the part of it that `SyncStorage` names.
  return drizzle(storage as unknown as Parameters<typeof drizzle>[0]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
