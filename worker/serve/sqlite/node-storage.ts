import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { SqlCursor, SqlValue, SyncStorage } from "../../db/storage.ts";

/** Statements kept prepared; the program has about forty. */
const CACHED = 200;

/** An SQLite file with the synchronous interface of a Durable Object's storage. */
export class NodeStorage implements SyncStorage {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  readonly sql = {
    exec: (query: string, ...params: SqlValue[]): SqlCursor => {
      const statement = this.#prepare(query);
      statement.setReturnArrays(true);
      const rows = arrays(statement.all(...params.map(toInput)));
      const columns = statement.columns().map((column) => column.name);
      return {
        raw: () => rows.values(),
        toArray: () =>
          rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]))),
      };
    },
  };

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Rows as arrays in column order. */
  rows(query: string, params: readonly unknown[]): unknown[][] {
    const statement = this.#prepare(query);
    statement.setReturnArrays(true);
    return arrays(statement.all(...params.map(toInput)));
  }

  #prepare(query: string): StatementSync {
    const known = this.#statements.get(query);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(query);
    if (this.#statements.size >= CACHED) this.#statements.clear();
    this.#statements.set(query, statement);
    return statement;
  }

  /** Nested ones join the outermost, as in a Durable Object a failure anywhere undoes everything. */
  transactionSync<T>(task: () => T): T {
    if (this.#depth > 0) return task();
    this.#database.exec("BEGIN IMMEDIATE");
    this.#depth++;
    try {
      const value = task();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth--;
    }
  }
}

/** With `setReturnArrays` rows are arrays; the types of node:sqlite do not know it. */
function arrays(rows: unknown[]): SqlValue[][] {
  return rows as SqlValue[][];
}

function toInput(value: unknown): SQLInputValue {
  switch (typeof value) {
    case "boolean":
      return value ? 1 : 0;
    case "string":
    case "number":
    case "bigint":
      return value;
    default:
      if (value === null || value === undefined) return null;
      if (value instanceof Uint8Array) return value;
      throw new TypeError(`SQLite takes no ${typeof value}`);
  }
}
