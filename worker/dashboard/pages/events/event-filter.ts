import type { EventFilter, EventView } from "../../../../shared/api/events.ts";
import type { Query } from "../../lib/paths.ts";
import { isId, isoOf, LAST, LASTS, type Last } from "../requests/request-filter.ts";

/** What narrows the events; all of it stands in the address, and what is empty does not hold. */
export interface Filters {
  kind: string;
  agent_id: string;
  actor: string;
  /** In place of `from` and `to`: it moves with the clock. */
  last: Last | "";
  /** ISO timestamps. */
  from: string;
  to: string;
}
export type FilterName = keyof Filters;

export const FILTER_NAMES: readonly FilterName[] = ["kind", "agent_id", "actor", "last", "from", "to"];

/** The filters of an address; what the API would refuse does not hold. */
export function filtersOf(query: URLSearchParams): Filters {
  const of = (name: FilterName): string => query.get(name) ?? "";
  const last = LASTS.find((one) => one === of("last")) ?? "";
  return {
    kind: of("kind").slice(0, 100),
    agent_id: isId(of("agent_id")) ? of("agent_id") : "",
    actor: of("actor").slice(0, 300),
    last,
    from: last === "" ? isoOf(of("from")) : "",
    to: last === "" ? isoOf(of("to")) : "",
  };
}

/** What the address has to hold for them; null: not at all. */
export function queryOf(filters: Partial<Filters>): Query {
  return Object.fromEntries(
    Object.entries(filters).map(([name, value]) => [name, value === "" ? null : value]),
  );
}

export const held = (filters: Filters): FilterName[] => FILTER_NAMES.filter((name) => filters[name] !== "");

/** The filter as the API takes it. @param now ms */
export function apiFilter(filters: Filters, now: number): EventFilter {
  const { last, ...rest } = filters;
  const from = last === "" ? rest.from : new Date(now - LAST[last]).toISOString();
  return Object.fromEntries(Object.entries({ ...rest, from }).filter(([, value]) => value !== ""));
}

/** Whether an event of the feed passes, as the API would decide it. @param now ms */
export function passes(event: EventView, filters: Filters, now: number): boolean {
  const { kind, agent_id, actor, last, from, to } = filters;
  const at = Date.parse(event.at);
  return (
    (kind === "" || event.kind === kind) &&
    (agent_id === "" || event.agent_id === agent_id) &&
    (actor === "" || event.actor === actor) &&
    (last === "" || at >= now - LAST[last]) &&
    (from === "" || at >= Date.parse(from)) &&
    (to === "" || at <= Date.parse(to))
  );
}
