import { first, type Strategy } from "./strategy.ts";

/**
 * The machine whose last turn is longest ago. Unlike a cursor over a list this stays exact when the candidates differ from
 * request to request: three agents and nine requests are three each.
 */
export const roundRobin: Strategy = {
  choose: ({ free }) => ({
    replica: first(free, (a, b) => a.agent.turn - b.agent.turn),
    reason: "round-robin",
  }),
};
