import type { Agent } from "../../agent.ts";
import { first, isStrained, type Strategy } from "./strategy.ts";

/** The machine with the fewest requests per slot, machines under strain last; in turn among equals. */
export const leastLoaded: Strategy = {
  choose: ({ free }) => ({
    replica: first(
      free,
      ({ agent: a }, { agent: b }) => strain(a) - strain(b) || load(a) - load(b) || a.turn - b.turn,
    ),
    reason: "least-loaded",
  }),
};

const strain = (agent: Agent): number => (isStrained(agent) ? 1 : 0);
const load = (agent: Agent): number => agent.inFlight / agent.slots();
