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

export interface SqlStatement {
  query: string;
  params: unknown[];
}

/** Runs statements in order, all or none; rows of each. D1 has no other transaction. Columns of a statement have different names. */
export type SqlBatch = (statements: readonly SqlStatement[]) => Promise<unknown[][][]>;

/** The history's database. */
export interface SqlDatabase {
  execute: SqlExecutor;
  batch: SqlBatch;
  /**
   * Requests that are summed up in one step. D1 works elsewhere and bills each row that is written, so many at once: they share
   * the rows of their hour and day. A file is written by the very thread that serves: few, or tokens wait.
   */
  rollUpRows: number;
}

/** D1 as the history's database. */
export function d1Database<Prepared extends D1Prepared>(database: D1Like<Prepared>): SqlDatabase {
  return {
    rollUpRows: 500,
    execute: (query, params) =>
      database
        .prepare(query)
        .bind(...params)
        .raw(),
    batch: async (statements) => {
      const prepared = statements.map(({ query, params }) => database.prepare(query).bind(...params));
      const answers = await database.batch(prepared);
      // D1 gives objects here, with the columns in their order.
      return answers.map(({ results }) => results.map((row) => Object.values(Object(row))));
    },
  };
}

interface D1Prepared {
  raw(): Promise<unknown[][]>;
}

interface D1Like<Prepared> {
  prepare(query: string): { bind(...params: unknown[]): Prepared };
  batch(statements: Prepared[]): Promise<{ results: unknown[] }[]>;
}
