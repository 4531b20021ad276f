import { STRATEGIES } from "../../shared/api/settings.ts";
import type { Registry } from "../../worker/coordinator/registry.ts";
import type { Grant } from "../../worker/coordinator/scheduling/grant.ts";
import type { Scheduler } from "../../worker/coordinator/scheduling/scheduler.ts";
import { microseconds } from "./micro.ts";
import { type FleetShape, modelName, occupied, registryOf, schedulerOf, wantOf } from "./selection-fleet.ts";
import { markdown } from "./table.ts";

/** A route that not every Ollama has, which is asked for each machine that is looked at. */
const YOUNG_ROUTE = "0.13.3";

const SHAPES: readonly (FleetShape & { name: string; targetUs: number })[] = [
  { name: "10 machines, all 200 models on each", agents: 10, models: 200, modelsEach: 200, targetUs: 10 },
  {
    name: "1,000 machines, 20 of 200 models on each",
    agents: 1_000,
    models: 200,
    modelsEach: 20,
    targetUs: 50,
  },
  {
    name: "1,000 machines, all 200 models on each",
    agents: 1_000,
    models: 200,
    modelsEach: 200,
    targetUs: 50,
  },
];

/** How much of the fleet has no free slot. */
const LOADS = ["idle", "half busy", "all busy"] as const;

export interface Selection {
  fleet: string;
  load: (typeof LOADS)[number];
  strategy: string;
  route: "any" | "young";
  /** One decision and the end of its request, µs; where all are busy, one that gets into the line and leaves it. */
  us: number;
  /** One pass over all machines that looks for the free one with the oldest turn, µs. */
  scan_us: number;
  target_us: number;
}

/** What a scheduler that keeps no index would do at least. */
function scan(registry: Registry, model: string): string | undefined {
  let best: { id: string; turn: number } | undefined;
  for (const agent of registry.all()) {
    if (agent.slots() - agent.inFlight === 0 || agent.model(model) === undefined) continue;
    if (best === undefined || agent.turn < best.turn) best = agent;
  }
  return best?.id;
}

function decide(scheduler: Scheduler, number: number, models: number, since: string | undefined): void {
  let grant: Grant | undefined;
  // Seven and 200 have no common divisor: all models come, one after the other.
  const want = wantOf(scheduler, number, modelName((number * 7) % models), since);
  const leave = scheduler.acquire(want, (decision) => {
    if (decision.kind === "granted") grant = decision.grant;
  });
  if (grant === undefined) leave();
  else grant.release({ verdict: "success" });
}

export function measureSelection(quick: boolean): Selection[] {
  const enoughMs = quick ? 40 : 200;
  const results: Selection[] = [];
  for (const shape of SHAPES) {
    const registry = registryOf(shape);
    const agents = [...registry.all()];
    for (const load of LOADS) {
      const busy = { idle: 0, "half busy": agents.length / 2, "all busy": agents.length }[load];
      for (const agent of agents) agent.inFlight = 0;
      occupied(agents.slice(0, busy));
      const scan_us = microseconds(enoughMs, (number) => {
        scan(registry, modelName((number * 7) % shape.models));
      });
      for (const strategy of STRATEGIES) {
        for (const route of ["any", "young"] as const) {
          const scheduler = schedulerOf(registry, strategy);
          const since = route === "young" ? YOUNG_ROUTE : undefined;
          const us = microseconds(enoughMs, (number) => decide(scheduler, number, shape.models, since));
          results.push({ fleet: shape.name, load, strategy, route, us, scan_us, target_us: shape.targetUs });
        }
      }
    }
  }
  return results;
}

/** The slower of the two kinds of routes, by fleet, load and strategy. */
export function selectionTable(results: readonly Selection[]): string {
  const groups = Map.groupBy(results, ({ fleet, load }) => `${fleet}, ${load}`);
  const rows = [...groups].map(([name, group]) => {
    const worst = STRATEGIES.map((strategy) =>
      Math.max(...group.filter((each) => each.strategy === strategy).map(({ us }) => us)),
    );
    const [first] = group;
    return [
      name,
      ...worst.map((us) => `${us.toFixed(1)} µs`),
      `${first?.scan_us.toFixed(1)} µs`,
      `< ${first?.target_us} µs`,
    ];
  });
  const head = ["one decision", ...STRATEGIES, "scan of all machines", "target"];
  return markdown([head, ...rows]);
}
