import { and, desc, eq, gte, lt, lte, type SQL, sql } from "drizzle-orm";
import { drizzle, type SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { RequestFilter, RequestView } from "../../shared/api/requests.ts";
import type { EventRow, History } from "../coordinator/deps.ts";
import type { HistoryReader, RequestPage } from "../host.ts";
import { requests } from "./schema.ts";
import type { SqlExecutor } from "./storage.ts";

/** A cursor that this API did not give out. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

/** JSON of one insert, characters: D1 takes 2 MB a parameter, and a character may take three bytes. */
const MAX_PARAMETER = 600_000;

const REQUEST_COLUMNS = [
  "id",
  "at",
  "endpoint",
  "model",
  "key_id",
  "key_name",
  "agent_id",
  "agent_name",
  "status",
  "error_code",
  "attempts",
  "reason",
  "queue_ms",
  "first_byte_ms",
  "duration_ms",
  "prompt_tokens",
  "completion_tokens",
  "load_ms",
  "prompt_ms",
  "eval_ms",
  "request_bytes",
  "response_bytes",
  "tries",
] as const satisfies readonly (keyof RequestView)[];

const EVENT_COLUMNS = [
  "id",
  "at",
  "kind",
  "actor",
  "agent_id",
  "detail",
] as const satisfies readonly (keyof EventRow)[];

/** Requests and events in the long memory: D1 on Cloudflare, a file on Node. */
export class SqlHistory implements History, HistoryReader {
  readonly #execute: SqlExecutor;
  readonly #db: SqliteRemoteDatabase;

  constructor(execute: SqlExecutor) {
    this.#execute = execute;
    this.#db = drizzle(async (query, params) => ({ rows: await execute(query, params) }));
  }

  async write(rows: { requests: readonly RequestView[]; events: readonly EventRow[] }): Promise<void> {
    await this.#insert("requests", REQUEST_COLUMNS, rows.requests);
    await this.#insert("events", EVENT_COLUMNS, rows.events);
  }

  /**
   * Any number of rows with one bound parameter: D1 allows a hundred, which would be five rows of twenty columns. Rows travel as
   * arrays: looking names up in objects costs SQLite half as much again (measured). Not INSERT OR IGNORE: that also drops, in
   * silence, a row that lacks a value. `WHERE true` keeps the parser from taking ON for a join.
   */
  async #insert<Row extends { id: string; at: string }>(
    table: string,
    columns: readonly (keyof Row & string)[],
    rows: readonly Row[],
  ): Promise<void> {
    const values = columns.map((_, at) => `json_extract(value, '$[${at}]')`).join(", ");
    const query = `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values} FROM json_each(?) WHERE true ON CONFLICT (id) DO NOTHING`;
    const texts = rows.map((row) =>
      JSON.stringify(columns.map((column) => (column === "at" ? Date.parse(row.at) : plain(row[column])))),
    );
    for (const json of inParts(texts)) await this.#execute(query, [json]);
  }

  async prune(before: string, limit: number): Promise<number> {
    let pruned = 0;
    for (const table of ["requests", "events"]) {
      const rows = await this.#execute(
        `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE at < ? ORDER BY at LIMIT ?) RETURNING 1`,
        [Date.parse(before), limit],
      );
      pruned = Math.max(pruned, rows.length);
    }
    return pruned;
  }

  async list(
    filter: RequestFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<RequestPage> {
    const conditions: (SQL | undefined)[] = [
      filter.model === undefined ? undefined : eq(requests.model, filter.model),
      filter.agent_id === undefined ? undefined : eq(requests.agent_id, filter.agent_id),
      filter.key_id === undefined ? undefined : eq(requests.key_id, filter.key_id),
      filter.endpoint === undefined ? undefined : eq(requests.endpoint, filter.endpoint),
      filter.from === undefined ? undefined : gte(requests.at, Date.parse(filter.from)),
      filter.to === undefined ? undefined : lte(requests.at, Date.parse(filter.to)),
      filter.status === undefined ? undefined : statusIs(filter.status),
      page.cursor === undefined ? undefined : after(page.cursor),
    ];
    const rows = await this.#db
      .select()
      .from(requests)
      .where(and(...conditions))
      .orderBy(desc(requests.at), desc(requests.id))
      .limit(page.limit + 1);
    const items = rows.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items: items.map(viewOf),
      next_cursor: rows.length > page.limit && last !== undefined ? cursorOf(last) : null,
    };
  }

  async get(id: string): Promise<RequestView | undefined> {
    const [row] = await this.#db.select().from(requests).where(eq(requests.id, id)).limit(1);
    return row === undefined ? undefined : viewOf(row);
  }

  async ping(): Promise<void> {
    await this.#execute("SELECT 1", []);
  }
}

/** What is a list in the API is JSON in its column. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? JSON.stringify(value) : value;
}

function viewOf(row: typeof requests.$inferSelect): RequestView {
  return { ...row, at: new Date(row.at).toISOString(), tries: row.tries ?? [] };
}

/** JSON arrays of at most `MAX_PARAMETER` characters. */
function* inParts(rows: readonly string[]): Generator<string> {
  let part: string[] = [];
  let length = 0;
  for (const row of rows) {
    if (length + row.length > MAX_PARAMETER && part.length > 0) {
      yield `[${part.join(",")}]`;
      part = [];
      length = 0;
    }
    part.push(row);
    length += row.length;
  }
  if (part.length > 0) yield `[${part.join(",")}]`;
}

function statusIs(status: string): SQL | undefined {
  if (!status.endsWith("xx")) return eq(requests.status, Number(status));
  const from = Number(status[0]) * 100;
  return and(gte(requests.status, from), lt(requests.status, from + 100));
}

function cursorOf(row: { at: number; id: string }): string {
  return `${row.at.toString(36)}.${row.id}`;
}

/** Rows behind the one that the cursor names, newest first. As one comparison of pairs: with OR SQLite cannot seek, and sorts. */
function after(cursor: string): SQL | undefined {
  const match = /^([0-9a-z]{1,11})\.([0-9a-f-]{36})$/.exec(cursor);
  if (match === null) throw new BadCursor("cursor: not one that this API gave out");
  const at = Number.parseInt(match[1] ?? "", 36);
  return sql`(${requests.at}, ${requests.id}) < (${at}, ${match[2] ?? ""})`;
}
