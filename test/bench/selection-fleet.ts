import type { StrategyName } from "../../shared/api/settings.ts";
import type { Agent } from "../../worker/coordinator/agent.ts";
import type { Clock } from "../../worker/coordinator/deps.ts";
import { Registry } from "../../worker/coordinator/registry.ts";
import { Scheduler } from "../../worker/coordinator/scheduling/scheduler.ts";
import type { Want } from "../../worker/coordinator/scheduling/want.ts";
import { models, storedAgent } from "../../worker/coordinator/testing/bench.ts";
import { connect } from "../../worker/coordinator/testing/fleet.ts";

/** Timers are the platform's business and not measured. */
const clock: Clock = { now: () => Date.now(), after: () => ({ cancel: () => {} }) };
const NOBODY: ReadonlySet<string> = new Set();

export interface FleetShape {
  agents: number;
  models: number;
  /** How many of the models each agent has. */
  modelsEach: number;
}

export const modelName = (number: number): string => `model-${number}:latest`;

/** Agents of four slots, with the models spread evenly; one in eight has what it was asked last in memory. */
export function registryOf(shape: FleetShape): Registry {
  const registry = new Registry();
  for (let number = 0; number < shape.agents; number++) {
    const agent = registry.add(storedAgent(`agent-${number}`, { max_concurrency: 4 }));
    const names = Array.from({ length: shape.modelsEach }, (_, at) =>
      modelName((number * shape.modelsEach + at) % shape.models),
    );
    const loaded = number % 8 === 0 ? names.slice(0, 1).map((name) => ({ name })) : [];
    agent.update({ ollama: "ok", ollama_version: "0.33.0", models: models(...names), loaded });
    connect(agent, `instance-${number}`);
  }
  return registry;
}

export function schedulerOf(registry: Registry, strategy: StrategyName): Scheduler {
  return new Scheduler({
    clock,
    machines: registry,
    strategy: () => strategy,
    queue: () => ({ max_length: 1_000_000, timeout_s: 86_400 }),
    windowMs: () => 15_000,
  });
}

/** One of a hundred keys wants a model. */
export function wantOf(scheduler: Scheduler, number: number, model: string, since?: string): Want {
  return {
    model,
    since,
    slot: true,
    pinned: undefined,
    avoid: NOBODY,
    ticket: scheduler.ticket(),
    share: { id: `key-${number % 100}`, weight: 1 },
  };
}

/** Takes all slots of these agents. */
export function occupied(agents: Iterable<Agent>): void {
  for (const agent of agents) agent.inFlight = agent.slots();
}
