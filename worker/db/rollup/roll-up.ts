import { inParts, insertion } from "../insert.ts";
import type { SqlDatabase, SqlStatement } from "../storage.ts";
import { PLACE_COLUMNS, type Place, placesOf } from "./scopes.ts";
import { MEASURED_COLUMNS, measuredOf, TALLY_COLUMNS, Tally } from "./tally.ts";

const ANCHOR = "(SELECT anchor FROM rollup_state WHERE one = 1)";

/** Where the last request that was summed up stands; NULL: none was, or somebody has deleted it. */
export const ANCHOR_ROWID = `(SELECT rowid FROM requests WHERE id = ${ANCHOR})`;

/** Requests that are not summed up yet, as a condition. */
export const NOT_ROLLED = `requests.rowid > coalesce(${ANCHOR_ROWID}, 0)`;

const COLUMNS = [...PLACE_COLUMNS, "a_name", "b_name", ...TALLY_COLUMNS];
const KEY = PLACE_COLUMNS.join(", ");

const NEXT = `SELECT ${MEASURED_COLUMNS.join(", ")}, ${ANCHOR} FROM requests WHERE ${NOT_ROLLED} ORDER BY rowid LIMIT ?`;

const KNOWN = `SELECT j.key, ${TALLY_COLUMNS.map((column) => `r.${column}`).join(", ")}
  FROM json_each(?) j CROSS JOIN rollups r
  ON ${PLACE_COLUMNS.map((column, at) => `r.${column} = json_extract(j.value, '$[${at}]')`).join(" AND ")}`;

/** Nothing is written when another has gone on meanwhile: its sums are not in what was read here. */
const WRITE = `${insertion("rollups", COLUMNS)} WHERE ${ANCHOR} IS ? ON CONFLICT (${KEY}) DO UPDATE SET ${COLUMNS.slice(
  PLACE_COLUMNS.length,
)
  .map((column) => `${column} = excluded.${column}`)
  .join(", ")}`;

const MOVE =
  "INSERT INTO rollup_state (one, anchor) SELECT 1, ? WHERE (SELECT anchor FROM rollup_state WHERE one = 1) IS ? " +
  "ON CONFLICT (one) DO UPDATE SET anchor = excluded.anchor";

/**
 * Sums up the requests that were written next, each exactly once: sums and the place up to which they go are written together,
 * and a row gets a higher place than all before it, however late it comes and however old it is.
 * @param limit requests
 * @returns how many were read; fewer than `limit`: there are no more
 */
export async function rollUp({ execute, batch }: SqlDatabase, limit: number): Promise<number> {
  const rows = await execute(NEXT, [limit]);
  const last = rows.at(-1);
  if (last === undefined) return 0;
  const anchor = last[MEASURED_COLUMNS.length];
  const groups = grouped(rows);
  const keys = groups.map(({ place }) => PLACE_COLUMNS.map((column) => place[column]));
  let offset = 0;
  for (const part of inParts(keys)) {
    for (const [at, ...packed] of await execute(KNOWN, [part]))
      groups[offset + Number(at)]?.tally.merge(packed);
    offset += (JSON.parse(part) as unknown[]).length;
  }
  const values = groups.map(({ place, tally }, at) => [
    ...(keys[at] ?? []),
    place.a_name,
    place.b_name,
    ...tally.pack(),
  ]);
  const statements: SqlStatement[] = inParts(values).map((part) => ({
    query: WRITE,
    params: [part, anchor],
  }));
  await batch([...statements, { query: MOVE, params: [last[0], anchor] }]);
  return rows.length;
}

function grouped(rows: readonly (readonly unknown[])[]): { place: Place; tally: Tally }[] {
  const groups = new Map<string, { place: Place; tally: Tally }>();
  for (const row of rows.map(measuredOf)) {
    for (const place of placesOf(row)) {
      const key = JSON.stringify(PLACE_COLUMNS.map((column) => place[column]));
      const group = groups.get(key) ?? { place, tally: new Tally() };
      groups.set(key, group);
      // A machine or key may have been renamed: the last name is the one it has.
      group.place = place;
      group.tally.add(row);
    }
  }
  return [...groups.values()];
}
