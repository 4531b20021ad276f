import { DAY_MS, HOUR_MS, MINUTE_MS, startOf } from "./spans.ts";
import type { Measured } from "./tally.ts";

/** What requests are told apart by. */
export const DIMENSIONS = ["model", "agent", "key"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Pairs answer what one model, machine or key had to do with the others. */
export const PAIRS = [
  ["model", "agent"],
  ["model", "key"],
  ["agent", "key"],
] as const satisfies readonly (readonly [Dimension, Dimension])[];

/** Where a request is counted. */
export interface Place {
  size: number;
  scope: string;
  start: number;
  a: string;
  b: string;
  a_name: string | null;
  b_name: string | null;
}

export const PLACE_COLUMNS = ["size", "scope", "start", "a", "b"] as const;

/** The column of a request that says which one, and its name at that time; empty: none that is known. */
export function memberOf(row: Measured, dimension: Dimension): { id: string; name: string | null } {
  switch (dimension) {
    case "model":
      return { id: row.model ?? "", name: null };
    case "agent":
      return { id: row.agent_id ?? "", name: row.agent_name };
    case "key":
      return { id: row.key_id ?? "", name: row.key_name };
  }
}

/** All places of a request. Pairs have no minutes: those would be most of all rows, and the last hour can be counted anew. */
export function placesOf(row: Measured): Place[] {
  const member = { model: memberOf(row, "model"), agent: memberOf(row, "agent"), key: memberOf(row, "key") };
  const none = { id: "", name: null };
  const scopes = [
    { scope: "all", a: none, b: none },
    ...DIMENSIONS.map((dimension) => ({ scope: dimension, a: member[dimension], b: none })),
  ];
  const pairs = PAIRS.map(([a, b]) => ({ scope: `${a}_${b}`, a: member[a], b: member[b] }));
  return [MINUTE_MS, HOUR_MS, DAY_MS].flatMap((size) =>
    [...scopes, ...(size === MINUTE_MS ? [] : pairs)].map(({ scope, a, b }) => ({
      size,
      scope,
      start: startOf(row.at, size),
      a: a.id,
      b: b.id,
      a_name: a.name,
      b_name: b.name,
    })),
  );
}
