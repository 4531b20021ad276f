import { DatabaseSync } from "node:sqlite";
import type { RequestView } from "../../../../shared/api/requests.ts";
import { requestRow } from "../../../../shared/api/testing/request-row.ts";
import { SqlHistory } from "../../../db/history.ts";
import { migrate } from "../../../db/migrate.ts";
import type { SqlDatabase, SqlStatement } from "../../../db/storage.ts";
import { releaseMigrations } from "../../release.ts";
import { nodeDatabase } from "../node-database.ts";
import { NodeStorage } from "../node-storage.ts";

export const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** A real history in memory that keeps every statement, and can be told to be away. */
export class MemoryHistory {
  readonly database = new DatabaseSync(":memory:");
  readonly storage = new NodeStorage(this.database);
  readonly journal: SqlStatement[] = [];
  away = false;
  readonly history: SqlHistory;

  constructor() {
    migrate(this.storage, releaseMigrations());
    const plain = nodeDatabase(this.storage);
    const asked = (statements: readonly SqlStatement[]): void => {
      if (this.away) throw new Error("D1_ERROR: away");
      this.journal.push(...statements);
    };
    const watched: SqlDatabase = {
      ...plain,
      execute: async (query, params) => {
        asked([{ query, params }]);
        return plain.execute(query, params);
      },
      batch: async (statements) => {
        asked(statements);
        return plain.batch(statements);
      },
    };
    this.history = new SqlHistory(watched);
  }

  write(...requests: RequestView[]): Promise<void> {
    return this.history.write({ requests, events: [], samples: [] });
  }

  rows(query: string, ...params: unknown[]): unknown[][] {
    return this.storage.rows(query, params);
  }

  /** How SQLite would answer, line by line, each statement since the last look. */
  plans(): string[][] {
    return this.journal
      .splice(0)
      .map(({ query, params }) =>
        this.storage.rows(`EXPLAIN QUERY PLAN ${query}`, params).map((step) => String(step[3])),
      );
  }
}

/** A finished request. */
export function request(n: number, over: Partial<RequestView> = {}): RequestView {
  return requestRow({
    id: uuid(n),
    reason: "loaded",
    queue_ms: 0.25,
    first_byte_ms: 12.5,
    duration_ms: 300,
    prompt_tokens: 3,
    ...over,
  });
}
