import { and, desc, eq, gte, lt, lte, type SQL, sql } from "drizzle-orm";
import type { SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { RequestFilter, RequestView } from "../../shared/api/requests.ts";
import type { PageQuery, RequestPage } from "../host.ts";
import { behind, pageOf } from "./cursor.ts";
import { requests } from "./schema.ts";

/** Finished requests, newest first. */
export async function listRequests(
  db: SqliteRemoteDatabase,
  filter: RequestFilter,
  page: PageQuery,
): Promise<RequestPage> {
  const conditions: (SQL | undefined)[] = [
    filter.model === undefined ? undefined : eq(requests.model, filter.model),
    filter.agent_id === undefined ? undefined : eq(requests.agent_id, filter.agent_id),
    filter.key_id === undefined ? undefined : eq(requests.key_id, filter.key_id),
    filter.endpoint === undefined ? undefined : eq(requests.endpoint, filter.endpoint),
    filter.from === undefined ? undefined : gte(requests.at, Date.parse(filter.from)),
    filter.to === undefined ? undefined : lte(requests.at, Date.parse(filter.to)),
    filter.status === undefined ? undefined : statusIs(filter.status),
    page.cursor === undefined ? undefined : behind(requests, page.cursor),
  ];
  const found = await db
    .select()
    .from(requests)
    .where(and(...conditions))
    .orderBy(desc(requests.at), desc(requests.id))
    .limit(page.limit + 1);
  const { rows, next_cursor } = pageOf(found, page.limit);
  return { items: rows.map(viewOf), next_cursor };
}

export async function findRequest(db: SqliteRemoteDatabase, id: string): Promise<RequestView | undefined> {
  const [row] = await db.select().from(requests).where(eq(requests.id, id)).limit(1);
  return row === undefined ? undefined : viewOf(row);
}

function viewOf(row: typeof requests.$inferSelect): RequestView {
  return { ...row, at: new Date(row.at).toISOString(), tries: row.tries ?? [] };
}

function statusIs(status: string): SQL | undefined {
  const from = Number(status.replace("xx", "00"));
  const exactly = status.endsWith("xx")
    ? and(gte(requests.status, from), lt(requests.status, from + 100))
    : eq(requests.status, from);
  // In the words of the index of errors: from a bound number SQLite cannot tell that all of them are in it.
  return from >= 400 ? and(exactly, sql`${requests.status} >= 400`) : exactly;
}
