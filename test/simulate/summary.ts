import type { Stream } from "./arrivals.ts";
import { jain } from "./fairness.ts";
import type { FleetSpec } from "./fleet.ts";
import type { Outcome, Run } from "./run.ts";

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What a run was like; seconds unless the name says otherwise. */
export interface Summary {
  strategy: string;
  wait_s: Percentiles;
  latency_s: Percentiles;
  makespan_s: number;
  /** Against the lower bound. */
  ratio: number;
  requests_per_s: number;
  tokens_per_s: number;
  cold_loads: number;
  /** Share of the slots' time, 0 to 1. */
  utilisation: number;
  utilisation_by_class: Record<string, number>;
  jain: number;
  errors: Record<string, number>;
  lost: number;
  reasons: Record<string, number>;
  /** `requests`: answered. */
  keys: Record<string, { requests: number; wait_s: Percentiles; errors: Record<string, number> }>;
}

export function summaryOf(run: Run, boundS: number): Summary {
  const answered = run.outcomes.filter(({ error }) => error === undefined);
  const lastMs = Math.max(0, ...[run.outcomes.at(-1)?.endedMs ?? 0]);
  const makespan = lastMs / 1_000;
  const tokens = answered.reduce((sum, { demand }) => sum + demand.promptTokens + demand.completionTokens, 0);
  return {
    strategy: run.strategy,
    wait_s: waits(answered),
    latency_s: percentiles(answered.map(({ arrivedMs, endedMs }) => endedMs - arrivedMs)),
    makespan_s: makespan,
    ratio: boundS > 0 ? makespan / boundS : 1,
    requests_per_s: makespan > 0 ? answered.length / makespan : 0,
    tokens_per_s: makespan > 0 ? tokens / makespan : 0,
    cold_loads: run.coldLoads,
    utilisation: utilisation(run.machines, lastMs),
    utilisation_by_class: Object.fromEntries(
      [...Map.groupBy(run.machines, (machine) => machine.class)].map(([name, machines]) => [
        name,
        utilisation(machines, lastMs),
      ]),
    ),
    jain: jain(run.outcomes),
    errors: counted(run.outcomes, ({ error }) => error),
    lost: run.lost,
    reasons: counted(answered, ({ reason }) => reason),
    keys: Object.fromEntries(
      [...Map.groupBy(run.outcomes, ({ demand }) => demand.key)].map(([key, some]) => {
        const served = some.filter(({ error }) => error === undefined);
        return [
          key,
          { requests: served.length, wait_s: waits(served), errors: counted(some, ({ error }) => error) },
        ];
      }),
    ),
  };
}

/** Models that are asked for and in no machine's memory at the start. */
export function necessaryLoads(fleet: FleetSpec, streams: readonly Stream[]): number {
  const asked = new Set(streams.flatMap(({ demands }) => demands.map(({ model }) => model)));
  for (const { loaded } of fleet.machines) for (const { name } of loaded) asked.delete(name);
  return asked.size;
}

export function waits(outcomes: readonly Outcome[]): Percentiles {
  return percentiles(outcomes.map(({ waitedMs }) => waitedMs));
}

/** Nearest rank; milliseconds in, seconds out. */
function percentiles(ms: readonly number[]): Percentiles {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1_000;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function utilisation(machines: readonly { slots: number; busyMs: number }[], lastMs: number): number {
  const slots = machines.reduce((sum, machine) => sum + machine.slots, 0);
  const busy = machines.reduce((sum, { busyMs }) => sum + busyMs, 0);
  return lastMs > 0 ? busy / (slots * lastMs) : 0;
}

function counted(
  outcomes: readonly Outcome[],
  name: (outcome: Outcome) => string | undefined,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const value = name(outcome);
    if (value !== undefined) counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}
