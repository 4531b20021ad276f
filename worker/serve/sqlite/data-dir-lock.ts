import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Keeps a second coordinator out of a data directory: two of them would each write over what the other one knows. SQLite's
 * own lock, since the operating system takes it back from a process however that one ended.
 * @returns what gives the directory free
 * @throws Error that says so when another process has it
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(dataDir, "lock.db");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (cause) {
    database?.close();
    if (!/locked|busy/i.test(String(cause))) {
      throw new Error(`${file} cannot be used as a lock: ${String(cause)}; remove it`, { cause });
    }
    throw new Error(
      `another coordinator is running with the data directory ${dataDir}; stop it, or choose another one with --data-dir`,
      { cause },
    );
  }
  const held = database;
  return () => held.close();
}
