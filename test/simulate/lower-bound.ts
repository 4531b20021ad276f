import type { Demand, Stream } from "./arrivals.ts";
import type { FleetSpec, MachineSpec } from "./fleet.ts";

/**
 * Seconds that no way to schedule can do better than, whatever it knows: all machines busy all the time with whatever may be
 * divided at will, every model in memory everywhere, nothing lost. The largest of: for every moment, what arrives after it
 * through all machines that have it; and each client's requests, one after the other, on the fastest machine.
 */
export function lowerBoundS(fleet: FleetSpec, streams: readonly Stream[]): number {
  const bound = new Bound(fleet);
  let longest = 0;
  const released: { atS: number; demand: Demand }[] = [];
  for (const { demands, at, chainMs } of streams) {
    const times = demands.map((_, index) => Math.max(0, at[chainMs === undefined ? index : 0] ?? 0) / 1_000);
    let chainS = times[0] ?? 0;
    demands.forEach((demand, index) => {
      const aloneS = bound.aloneS(demand);
      const atS = times[index] ?? 0;
      chainS += aloneS + (index > 0 ? (chainMs ?? 0) / 1_000 : 0);
      longest = Math.max(longest, chainMs === undefined ? atS + aloneS : chainS);
      released.push({ atS, demand });
    });
  }
  const byModel = Map.groupBy(released, ({ demand }) => demand.model);
  const perModel = [...byModel].map(([model, some]) => bound.throughAllS(some, bound.holders(model)));
  return Math.max(longest, bound.throughAllS(released, fleet.machines), ...perModel);
}

class Bound {
  readonly #fleet: FleetSpec;
  readonly #models: ReadonlyMap<string, FleetSpec["models"][number]>;
  readonly #holders = new Map<string, readonly MachineSpec[]>();

  constructor(fleet: FleetSpec) {
    this.#fleet = fleet;
    this.#models = new Map(fleet.models.map((model) => [model.name, model]));
  }

  holders(model: string): readonly MachineSpec[] {
    let holders = this.#holders.get(model);
    if (holders === undefined) {
      holders = this.#fleet.machines.filter(({ models }) => models.some(({ name }) => name === model));
      this.#holders.set(model, holders);
    }
    return holders;
  }

  aloneS({ model, promptTokens, completionTokens }: Demand): number {
    const speed = this.#models.get(model)?.speed ?? 1;
    let least = Number.POSITIVE_INFINITY;
    for (const { tokensPerS, prefillPerS } of this.holders(model)) {
      least = Math.min(least, (promptTokens / prefillPerS + completionTokens / tokensPerS) / speed);
    }
    return Number.isFinite(least) ? least : 0;
  }

  /** Prompts count as on the machine that is best at them for its speed. */
  throughAllS(released: { atS: number; demand: Demand }[], machines: readonly MachineSpec[]): number {
    const perS = machines.reduce((sum, machine) => sum + tokensPerS(machine), 0);
    if (perS === 0) return 0;
    const prompt = Math.min(...machines.map((machine) => machine.tokensPerS / machine.prefillPerS));
    let work = 0;
    let most = 0;
    for (const { atS, demand } of released.toSorted((a, b) => b.atS - a.atS)) {
      const speed = this.#models.get(demand.model)?.speed ?? 1;
      work += (demand.completionTokens + demand.promptTokens * prompt) / speed;
      most = Math.max(most, atS + work / perS);
    }
    return most;
  }
}

/** All slots together. */
function tokensPerS({ tokensPerS: alone, slots, slowdown }: MachineSpec): number {
  return (alone * slots) / (1 + slowdown * (slots - 1));
}
