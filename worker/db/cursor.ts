import type { SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

/** A cursor that this API did not give out. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

export interface Page<Row> {
  /** At most as many as were asked for. */
  rows: Row[];
  next_cursor: string | null;
}

/** @param rows one more than `limit`, where there are more */
export function pageOf<Row extends { at: number; id: string }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, next_cursor: more ? `${last.at.toString(36)}.${last.id}` : null };
}

/** Rows behind the one that the cursor names, newest first. As one comparison of pairs: with OR SQLite cannot seek, and sorts. */
export function behind(table: { at: SQLiteColumn; id: SQLiteColumn }, cursor: string): SQL {
  const match = /^([0-9a-z]{1,11})\.([0-9a-f-]{36})$/.exec(cursor);
  if (match === null) throw new BadCursor("cursor: not one that this API gave out");
  const at = Number.parseInt(match[1] ?? "", 36);
  return sql`(${table.at}, ${table.id}) < (${at}, ${match[2] ?? ""})`;
}
