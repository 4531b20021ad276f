import type { Agent } from "../../agent.ts";
import { first, type Strategy } from "./strategy.ts";

/**
 * Turns in proportion to the machines' weights, evenly mixed: stride scheduling (Waldspurger and Weihl 1995). Each turn costs a
 * machine one divided by its weight, and who has spent least is next, so weights 4:2:1 are met within one request at any time.
 */
export const weighted: Strategy = {
  choose: ({ free }) => ({
    replica: first(
      free,
      ({ agent: a }, { agent: b }) => due(a) - due(b) || b.record.weight - a.record.weight || a.turn - b.turn,
    ),
    reason: "weighted",
  }),
};

/** The middle of its next turn: turns of light machines then fall between those of heavy ones, and not all behind them. */
const due = (agent: Agent): number => agent.spent + 0.5 / agent.record.weight;
