import { first, type Strategy } from "./strategy.ts";

/**
 * The agent whose last turn is longest ago. Unlike a cursor over a list this stays exact when the candidates differ from
 * request to request: three agents and nine requests are three each.
 */
export const roundRobin: Strategy = {
  reason: "round-robin",
  choose: (candidates) => first(candidates, (a, b) => a.turn - b.turn),
};
