import type { Agent } from "../agent.ts";
import { first, type Strategy } from "./strategy.ts";

/** Above this share of CPU or memory a machine's owner is likely to be at it. Percent. */
const STRAINED_PERCENT = 80;

/** The agent with the fewest requests per slot, machines under strain last; in turn among equals. */
export const leastLoaded: Strategy = {
  reason: "least-loaded",
  choose: (candidates) =>
    first(
      candidates,
      (a, b) => strain(a) - strain(b) || a.inFlight / a.slots() - b.inFlight / b.slots() || a.turn - b.turn,
    ),
};

function strain(agent: Agent): number {
  const { cpu_usage = 0, memory_usage = 0 } = agent.state;
  return cpu_usage > STRAINED_PERCENT || memory_usage > STRAINED_PERCENT ? 1 : 0;
}
