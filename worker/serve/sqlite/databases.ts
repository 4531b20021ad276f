import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../db/migrate.ts";
import type { SqlDatabase, SyncStorage } from "../../db/storage.ts";
import { releaseMigrations } from "../release.ts";
import { nodeDatabase } from "./node-database.ts";
import { NodeStorage } from "./node-storage.ts";

export interface StateDatabase {
  storage: SyncStorage;
  close(): void;
}

/** What must survive: identities, keys, settings. */
export function openState(file: string): StateDatabase {
  const { storage, close } = open(file);
  return { storage, close };
}

export interface HistoryDatabase extends SqlDatabase {
  close(): void;
}

/** What happened. */
export function openHistory(file: string): HistoryDatabase {
  const { storage, close } = open(file);
  return { ...nodeDatabase(storage), close };
}

function open(file: string): { storage: NodeStorage; close: () => void } {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(file);
    chmodSync(file, 0o600);
    database.exec(
      // Written through to the operating system at each commit: a killed process loses nothing.
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; " +
        // Checkpoints write every changed page again: seldom, they cost a third of what they do at the default 4 MB.
        "PRAGMA wal_autocheckpoint = 8000",
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `${file} cannot be opened as an SQLite database (${why}); restore it from a backup, or choose another --data-dir`,
      { cause },
    );
  }
  const storage = new NodeStorage(database);
  migrate(storage, releaseMigrations());
  return { storage, close: () => database.close() };
}
