import type { SqlDatabase } from "../../db/storage.ts";
import type { NodeStorage } from "./node-storage.ts";

/** An SQLite file as the history's database. */
export function nodeDatabase(storage: NodeStorage): SqlDatabase {
  return {
    execute: async (query, params) => storage.rows(query, params),
    batch: async (statements) =>
      storage.transactionSync(() => statements.map(({ query, params }) => storage.rows(query, params))),
  };
}
