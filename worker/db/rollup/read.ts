import type { SqlStatement } from "../storage.ts";
import { NOT_ROLLED } from "./roll-up.ts";
import type { Dimension } from "./scopes.ts";
import { PAIRS } from "./scopes.ts";
import type { Span } from "./spans.ts";
import { MEASURED_COLUMNS, TALLY_COLUMNS } from "./tally.ts";

/** At most so many members of a list. */
const TOP = 100;

/** The one model, machine or key that is asked for. */
export interface Member {
  dimension: Dimension;
  id: string;
}

export const COLUMN_OF: Record<Dimension, string> = { model: "model", agent: "agent_id", key: "key_id" };

const SUMS = TALLY_COLUMNS.join(", ");

/** Rows: start, and what a tally takes. */
export function readSums(spans: readonly Span[], member: Member | undefined): SqlStatement {
  const parts = spans.map(({ size, from, to }) => ({
    query: `SELECT start, ${SUMS} FROM rollups WHERE size = ? AND scope = ? AND start >= ? AND start < ?${member === undefined ? "" : " AND a = ?"}`,
    params: [size, member?.dimension ?? "all", from, to, ...(member === undefined ? [] : [member.id])],
  }));
  return joined(parts);
}

/**
 * The members of a dimension that were used most. Those that are in no sum yet compete, too, so that a list is never a request behind.
 * Rows: id, name, start, and what a tally takes.
 */
export function readMembers(
  spans: readonly Span[],
  dimension: Dimension,
  member: Member | undefined,
): SqlStatement {
  const { scope, own, name, where } = sourceOf(dimension, member);
  const within = `size = ? AND scope = '${scope}' AND start >= ? AND start < ?${where === undefined ? "" : ` AND ${where} = ?`}`;
  const spanParams = spans.flatMap(({ size, from, to }) => [
    size,
    from,
    to,
    ...(member === undefined ? [] : [member.id]),
  ]);
  const all = (columns: string): string =>
    spans.map(() => `SELECT ${columns} FROM rollups WHERE ${within}`).join(" UNION ALL ");
  const rest = restCondition(spans, member);
  const query = `WITH used (id, n) AS (
    ${all(`${own}, requests`)}
    UNION ALL SELECT coalesce(${COLUMN_OF[dimension]}, ''), 1 FROM requests WHERE ${rest.query}
  ), top (id) AS (SELECT id FROM used GROUP BY id ORDER BY sum(n) DESC, id LIMIT ${TOP})
  SELECT id, name, start, ${SUMS} FROM (${all(`${own} AS id, ${name} AS name, start, ${SUMS}`)}) WHERE id IN (SELECT id FROM top)`;
  return { query, params: [...spanParams, ...rest.params, ...spanParams] };
}

/** Requests since the first span that are in no sum yet. Rows: `MEASURED_COLUMNS`. */
export function readRest(spans: readonly Span[], member: Member | undefined): SqlStatement {
  const { query, params } = restCondition(spans, member);
  return { query: `SELECT ${MEASURED_COLUMNS.join(", ")} FROM requests WHERE ${query}`, params };
}

/** Requests of one member that are read at once: an hour may have a million, and the Worker has 128 MB. */
export const READ_AT_ONCE = 2_000;

/**
 * Requests of one member, summed up or not, oldest first. Rows: `MEASURED_COLUMNS`.
 * @param behind time and id of the one after which they begin
 */
export function readNext({ dimension, id }: Member, behind: { at: number; id: string }): SqlStatement {
  return {
    query: `SELECT ${MEASURED_COLUMNS.join(", ")} FROM requests WHERE ${COLUMN_OF[dimension]} = ? AND (at, id) > (?, ?)
      ORDER BY at, id LIMIT ?`,
    params: [id, behind.at, behind.id, READ_AT_ONCE],
  };
}

function restCondition(spans: readonly Span[], member: Member | undefined): SqlStatement {
  const from = Math.min(...spans.map((span) => span.from));
  // The unary plus keeps SQLite from taking an index: what is not summed up is a few rows at the end of the table.
  if (member === undefined) return { query: `${NOT_ROLLED} AND +at >= ?`, params: [from] };
  return {
    query: `${NOT_ROLLED} AND +at >= ? AND +${COLUMN_OF[member.dimension]} = ?`,
    params: [from, member.id],
  };
}

/** Where the members of a dimension are summed up, of all or of one member of another. */
function sourceOf(
  dimension: Dimension,
  member: Member | undefined,
): { scope: string; own: "a" | "b"; name: "a_name" | "b_name"; where: "a" | "b" | undefined } {
  if (member === undefined || member.dimension === dimension) {
    return { scope: dimension, own: "a", name: "a_name", where: member && "a" };
  }
  const pair = PAIRS.find(
    (each) => each.some((one) => one === dimension) && each.some((one) => one === member.dimension),
  );
  if (pair === undefined) throw new Error(`no sums of ${dimension} and ${member.dimension}`);
  const scope = pair.join("_");
  return pair[0] === dimension
    ? { scope, own: "a", name: "a_name", where: "b" }
    : { scope, own: "b", name: "b_name", where: "a" };
}

function joined(parts: readonly SqlStatement[]): SqlStatement {
  return {
    query: parts.map(({ query }) => query).join(" UNION ALL "),
    params: parts.flatMap(({ params }) => params),
  };
}
