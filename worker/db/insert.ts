import type { RequestView } from "../../shared/api/requests.ts";
import type { EventRow, SampleRow } from "../coordinator/deps.ts";
import type { SqlStatement } from "./storage.ts";

/** JSON of one insert, characters: D1 takes 2 MB a parameter, and a character may take three bytes. */
const MAX_PARAMETER = 600_000;

export const REQUEST_COLUMNS = [
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

export const EVENT_COLUMNS = [
  "id",
  "at",
  "kind",
  "actor",
  "agent_id",
  "detail",
] as const satisfies readonly (keyof EventRow)[];

export const SAMPLE_COLUMNS = [
  "agent_id",
  "at",
  "cpu_usage",
  "memory_usage",
  "gpu_usage",
  "active_requests",
  "tokens_per_second",
] as const satisfies readonly (keyof SampleRow)[];

/** Statements that insert rows which have times as texts; one that is there already stays as it is. */
export function insertRows<Row extends { at: string }>(
  table: string,
  columns: readonly (keyof Row & string)[],
  rows: readonly Row[],
  key = "id",
): SqlStatement[] {
  const query = `${insertion(table, columns)} WHERE true ON CONFLICT (${key}) DO NOTHING`;
  const values = rows.map((row) =>
    columns.map((column) => (column === "at" ? Date.parse(row.at) : plain(row[column]))),
  );
  return inParts(values).map((json) => ({ query, params: [json] }));
}

/**
 * Any number of rows with one bound parameter: D1 allows a hundred, which would be five rows of twenty columns. Rows travel as
 * arrays: looking names up in objects costs SQLite half as much again (measured). Not INSERT OR IGNORE: that also drops, in
 * silence, a row that lacks a value. What follows must begin with WHERE: it keeps the parser from taking ON for a join.
 */
export function insertion(table: string, columns: readonly string[]): string {
  const values = columns.map((_, at) => `json_extract(value, '$[${at}]')`).join(", ");
  return `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${values} FROM json_each(?)`;
}

/** What is a list in the API is JSON in its column. */
function plain(value: unknown): unknown {
  return Array.isArray(value) ? JSON.stringify(value) : value;
}

/** Rows as JSON arrays that a parameter can take each. */
export function inParts(rows: readonly (readonly unknown[])[]): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let length = 0;
  for (const row of rows.map((values) => JSON.stringify(values))) {
    if (length + row.length > MAX_PARAMETER && part.length > 0) {
      parts.push(`[${part.join(",")}]`);
      part = [];
      length = 0;
    }
    part.push(row);
    length += row.length;
  }
  if (part.length > 0) parts.push(`[${part.join(",")}]`);
  return parts;
}
