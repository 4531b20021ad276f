import type { FeedRunning } from "../../../../shared/api/feed.ts";
import type { RequestFilter, RequestView } from "../../../../shared/api/requests.ts";
import type { Query } from "../../lib/paths.ts";

/** Times before now, ms. */
export const LAST = { "15m": 900_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000 } as const;
export type Last = keyof typeof LAST;
export const LASTS: readonly Last[] = ["15m", "1h", "24h", "7d"];
/** Statuses that are offered; an address may hold any other. */
export const STATUSES = [
  "2xx",
  "4xx",
  "5xx",
  "200",
  "400",
  "401",
  "403",
  "404",
  "429",
  "499",
  "502",
  "503",
  "504",
];

/** What narrows the requests; all of it stands in the address, and what is empty does not hold. */
export interface Filters {
  model: string;
  agent_id: string;
  key_id: string;
  status: string;
  endpoint: string;
  /** In place of `from` and `to`: it moves with the clock. */
  last: Last | "";
  /** ISO timestamps. */
  from: string;
  to: string;
}
export type FilterName = keyof Filters;

export const FILTER_NAMES: readonly FilterName[] = [
  "model",
  "agent_id",
  "key_id",
  "status",
  "endpoint",
  "last",
  "from",
  "to",
];

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isLast = (text: string): text is Last => LASTS.some((last) => last === text);

/** An ISO timestamp of anything that is a time; empty of anything else. */
export function isoOf(text: string): string {
  const at = text === "" ? Number.NaN : Date.parse(text);
  // The API takes years of four digits.
  return at >= -62_167_219_200_000 && at < 253_402_300_800_000 ? new Date(at).toISOString() : "";
}

export const isId = (text: string): boolean => UUID.test(text);

/** The filters of an address; what the API would refuse does not hold. */
export function filtersOf(query: URLSearchParams): Filters {
  const of = (name: FilterName): string => query.get(name) ?? "";
  const last = of("last");
  const isMoving = isLast(last);
  return {
    model: of("model").slice(0, 600),
    agent_id: isId(of("agent_id")) ? of("agent_id") : "",
    key_id: isId(of("key_id")) ? of("key_id") : "",
    status: /^[1-5](\d\d|xx)$/.test(of("status")) ? of("status") : "",
    endpoint: of("endpoint").slice(0, 200),
    last: isMoving ? last : "",
    from: isMoving ? "" : isoOf(of("from")),
    to: isMoving ? "" : isoOf(of("to")),
  };
}

/** What the address has to hold for them; null: not at all. */
export function queryOf(filters: Partial<Filters>): Query {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [name, value === "" ? null : value]),
  );
}

/** Those that hold. */
export const held = (filters: Filters): FilterName[] => FILTER_NAMES.filter((name) => filters[name] !== "");

/** The filter as the API takes it. @param now ms */
export function apiFilter(filters: Filters, now: number): RequestFilter {
  const { last, ...rest } = filters;
  const from = last === "" ? rest.from : new Date(now - LAST[last]).toISOString();
  return Object.fromEntries(Object.entries({ ...rest, from }).filter(([, value]) => value !== ""));
}

/** Whether a finished request passes, as the API would decide it; for what comes by the feed. @param now ms */
export function passes(row: RequestView, filters: Filters, now: number): boolean {
  const { model, agent_id, key_id, status, endpoint, last, from, to } = filters;
  const at = Date.parse(row.at);
  return (
    (model === "" || row.model === model) &&
    (agent_id === "" || row.agent_id === agent_id) &&
    (key_id === "" || row.key_id === key_id) &&
    (endpoint === "" || row.endpoint === endpoint) &&
    (status === "" || hasStatus(row.status, status)) &&
    (last === "" || at >= now - LAST[last]) &&
    (from === "" || at >= Date.parse(from)) &&
    (to === "" || at <= Date.parse(to))
  );
}

function hasStatus(status: number, wanted: string): boolean {
  return wanted.endsWith("xx") ? String(status).startsWith(wanted.charAt(0)) : String(status) === wanted;
}

/** Whether one that waits or runs passes. It has no status yet. @param keyName of the key that is asked for */
export function passesRunning(row: FeedRunning, filters: Filters, keyName: string | undefined): boolean {
  const { model, agent_id, key_id, status, endpoint } = filters;
  return (
    (model === "" || row.model === model) &&
    (agent_id === "" || row.agent_id === agent_id) &&
    (key_id === "" || (keyName !== undefined && row.key_name === keyName)) &&
    (endpoint === "" || row.endpoint === endpoint) &&
    status === ""
  );
}

/** Where the file with all that they leave is. @param now ms */
export function exportHref(filters: Filters, format: "csv" | "ndjson", now: number): string {
  const search = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(apiFilter(filters, now))) search.set(name, String(value));
  return `/api/admin/requests/export?${search}`;
}
