import type { SyncStorage } from "./storage.ts";

export interface Migration {
  name: string;
  sql: string;
}

/** Brings a database up to date; each migration is applied whole or not at all, and once. */
export function migrate(storage: SyncStorage, migrations: readonly Migration[]): void {
  storage.sql.exec(
    "CREATE TABLE IF NOT EXISTS _migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)",
  );
  const applied = new Set(
    storage.sql
      .exec("SELECT name FROM _migrations")
      .toArray()
      .map((row) => row.name),
  );
  for (const { name, sql } of migrations) {
    if (applied.has(name)) continue;
    storage.transactionSync(() => {
      for (const statement of sql.split("--> statement-breakpoint")) {
        if (statement.trim() !== "") storage.sql.exec(statement);
      }
      storage.sql.exec("INSERT INTO _migrations (name, applied_at) VALUES (?, ?)", name, Date.now());
    });
  }
}
