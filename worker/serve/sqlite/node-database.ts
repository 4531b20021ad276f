import type { SqlDatabase } from "../../db/storage.ts";
import type { NodeStorage } from "./node-storage.ts";

/** An SQLite file as the history's database. */
export function nodeDatabase(storage: NodeStorage): SqlDatabase {
  return {
    // Measured: up to 130 µs each.
    rollUpRows: 50,
    execute: async (query, params) => storage.rows(query, params),
    batch: async (statements) =>
      storage.transactionSync(() => statements.map(({ query, params }) => storage.rows(query, params))),
  };
}
