/** A value that SQLite takes and gives. */
export type SqlValue = string | number | null | Uint8Array | ArrayBuffer;

/** The synchronous SQL of a Durable Object's storage, as far as it is used; Node has an adapter of this shape. */
export interface SyncStorage {
  sql: {
    exec(query: string, ...params: SqlValue[]): SqlCursor;
  };
  transactionSync<T>(task: () => T): T;
}

export interface SqlCursor {
  toArray(): Record<string, SqlValue>[];
  /** Rows as arrays, for the driver. */
  raw(): Iterable<SqlValue[]>;
}

/** Runs one statement of the history: D1 on Cloudflare, a file on Node. Rows are arrays in column order. */
export type SqlExecutor = (query: string, params: unknown[]) => Promise<unknown[][]>;

/** D1 as an executor. */
export function d1Executor(database: D1Like): SqlExecutor {
  return (query, params) =>
    database
      .prepare(query)
      .bind(...params)
      .raw();
}

interface D1Like {
  prepare(query: string): { bind(...params: unknown[]): { raw(): Promise<unknown[][]> } };
}
