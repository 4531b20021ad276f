import { STRATEGIES, type StrategyName } from "../../shared/api/settings.ts";
import { streamsOf } from "./arrivals.ts";
import { fleetOf } from "./fleet.ts";
import { lowerBoundS } from "./lower-bound.ts";
import { type Run, run } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { necessaryLoads, type Summary, summaryOf } from "./summary.ts";

/** Requests of all together in short form. */
export const SHORT_REQUESTS = 2_000;

export interface Simulated {
  scenario: { name: string; description: string; seed: number };
  machines: number;
  slots: number;
  requests: number;
  lower_bound_s: number;
  necessary_loads: number;
  strategies: Summary[];
}

/** @returns what to print, and the runs themselves, strategy by strategy in the same order */
export function simulate(
  scenario: Scenario,
  options: { strategies?: readonly StrategyName[]; short?: boolean } = {},
): { result: Simulated; runs: Run[] } {
  const { strategies = STRATEGIES, short = false } = options;
  const fleet = fleetOf(scenario);
  const streams = streamsOf(scenario, fleet, short ? SHORT_REQUESTS : undefined);
  const boundS = lowerBoundS(fleet, streams);
  const runs = strategies.map((strategy) => run(scenario, fleet, streams, strategy));
  const { name, description, seed } = scenario;
  return {
    runs,
    result: {
      scenario: { name, description, seed },
      machines: fleet.machines.length,
      slots: fleet.machines.reduce((sum, { slots }) => sum + slots, 0),
      requests: streams.reduce((sum, { demands }) => sum + demands.length, 0),
      lower_bound_s: boundS,
      necessary_loads: necessaryLoads(fleet, streams),
      strategies: runs.map((each) => summaryOf(each, boundS)),
    },
  };
}
