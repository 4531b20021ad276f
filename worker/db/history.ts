import { drizzle, type SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { EventFilter } from "../../shared/api/events.ts";
import type { RequestFilter, RequestView } from "../../shared/api/requests.ts";
import type { SeriesQuery, SeriesView, StatsQuery, StatsView } from "../../shared/api/stats.ts";
import type { History, HistoryRows } from "../coordinator/deps.ts";
import type { EventPage, HistoryReader, PageQuery, RequestPage } from "../host.ts";
import { listEvents } from "./event-list.ts";
import { EVENT_COLUMNS, insertRows, REQUEST_COLUMNS, SAMPLE_COLUMNS } from "./insert.ts";
import { pruning } from "./prune.ts";
import { findRequest, listRequests } from "./request-list.ts";
import { rollUp } from "./rollup/roll-up.ts";
import { readSeries } from "./rollup/series.ts";
import { readStats } from "./rollup/stats.ts";
import type { SqlDatabase } from "./storage.ts";

export { BadCursor } from "./cursor.ts";

/** The long memory: D1 on Cloudflare, a file on Node. */
export class SqlHistory implements History, HistoryReader {
  readonly #database: SqlDatabase;
  readonly #db: SqliteRemoteDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
    this.#db = drizzle(async (query, params) => ({ rows: await database.execute(query, params) }));
  }

  async write({ requests, events, samples }: HistoryRows): Promise<void> {
    const statements = [
      ...insertRows("requests", REQUEST_COLUMNS, requests),
      ...insertRows("events", EVENT_COLUMNS, events),
      ...insertRows("samples", SAMPLE_COLUMNS, samples, "agent_id, at"),
    ];
    for (const { query, params } of statements) await this.#database.execute(query, params);
  }

  async rollUp(limit = this.#database.rollUpRows): Promise<boolean> {
    return (await rollUp(this.#database, limit)) >= limit;
  }

  async prune(now: number, retentionDays: number, limit: number): Promise<number> {
    let most = 0;
    for (const { query, params } of pruning(now, retentionDays, limit)) {
      most = Math.max(most, (await this.#database.execute(query, params)).length);
    }
    return most;
  }

  list(filter: RequestFilter, page: PageQuery): Promise<RequestPage> {
    return listRequests(this.#db, filter, page);
  }

  get(id: string): Promise<RequestView | undefined> {
    return findRequest(this.#db, id);
  }

  listEvents(filter: EventFilter, page: PageQuery): Promise<EventPage> {
    return listEvents(this.#db, filter, page);
  }

  stats(query: StatsQuery, now: number): Promise<StatsView> {
    return readStats(this.#database, query, now);
  }

  series(query: SeriesQuery, now: number): Promise<SeriesView> {
    return readSeries(this.#database, query, now);
  }

  async ping(): Promise<void> {
    await this.#database.execute("SELECT 1", []);
  }
}
