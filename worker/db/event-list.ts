import { and, desc, eq, gte, lte, type SQL } from "drizzle-orm";
import type { SqliteRemoteDatabase } from "drizzle-orm/sqlite-proxy";
import type { EventFilter, EventView } from "../../shared/api/events.ts";
import type { EventPage, PageQuery } from "../host.ts";
import { behind, pageOf } from "./cursor.ts";
import { events } from "./schema.ts";

/** What happened, newest first. */
export async function listEvents(
  db: SqliteRemoteDatabase,
  filter: EventFilter,
  page: PageQuery,
): Promise<EventPage> {
  const conditions: (SQL | undefined)[] = [
    filter.kind === undefined ? undefined : eq(events.kind, filter.kind),
    filter.agent_id === undefined ? undefined : eq(events.agent_id, filter.agent_id),
    filter.actor === undefined ? undefined : eq(events.actor, filter.actor),
    filter.from === undefined ? undefined : gte(events.at, Date.parse(filter.from)),
    filter.to === undefined ? undefined : lte(events.at, Date.parse(filter.to)),
    page.cursor === undefined ? undefined : behind(events, page.cursor),
  ];
  const found = await db
    .select()
    .from(events)
    .where(and(...conditions))
    .orderBy(desc(events.at), desc(events.id))
    .limit(page.limit + 1);
  const { rows, next_cursor } = pageOf(found, page.limit);
  return { items: rows.map(viewOf), next_cursor };
}

function viewOf(row: typeof events.$inferSelect): EventView {
  return {
    ...row,
    at: new Date(row.at).toISOString(),
    // The recorder wrote it as JSON of a record.
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}
