import { pickerOf, randomOf } from "./random.ts";
import { membersOf, type Scenario } from "./scenario.ts";

/** A model as the simulated machines know it. */
export interface SimModel {
  readonly name: string;
  readonly sizeGb: number;
  readonly speed: number;
  /** How likely it is asked for, against others. */
  readonly popularity: number;
}

/** What a simulated machine is. */
export interface MachineSpec {
  readonly id: string;
  readonly class: string;
  readonly tokensPerS: number;
  readonly prefillPerS: number;
  readonly memoryGb: number;
  readonly diskGbPerS: number;
  readonly slots: number;
  readonly slowdown: number;
  readonly weight: number;
  readonly cpuUsage: number | undefined;
  readonly models: readonly SimModel[];
  readonly loaded: readonly SimModel[];
}

export interface FleetSpec {
  readonly models: readonly SimModel[];
  readonly machines: readonly MachineSpec[];
}

/** The models that a list of names and groups means. */
export function modelsOf(
  scenario: Pick<Scenario, "models">,
  all: readonly SimModel[],
  names: readonly string[] | "all",
): readonly SimModel[] {
  if (names === "all") return all;
  const groups = new Map(scenario.models.map((group) => [group.name, membersOf(group)]));
  const wanted = new Set(names.flatMap((name) => groups.get(name) ?? [name]));
  return all.filter(({ name }) => wanted.has(name));
}

export function fleetOf(scenario: Scenario): FleetSpec {
  const models = scenario.models
    .flatMap((group) => membersOf(group).map((name) => ({ name, sizeGb: group.size_gb, speed: group.speed })))
    .map((model, index) => ({ ...model, popularity: (index + 1) ** -scenario.zipf }));
  const random = randomOf(scenario.seed, "which models are on which disk");
  const machines = scenario.machines.flatMap((group) =>
    membersOf({ name: group.class, count: group.count }).map((id) => {
      const fitting = models.filter(({ sizeGb }) => sizeGb <= group.memory_gb);
      const held =
        typeof group.models === "number"
          ? someOf(fitting, group.models, random)
          : modelsOf(scenario, fitting, group.models);
      return {
        id,
        class: group.class,
        tokensPerS: group.tokens_per_s,
        prefillPerS: group.prefill_tokens_per_s ?? group.tokens_per_s * 10,
        memoryGb: group.memory_gb,
        diskGbPerS: group.disk_gb_per_s,
        slots: group.slots,
        slowdown: group.slowdown,
        weight: group.weight,
        cpuUsage: group.cpu_usage,
        models: [...held],
        loaded: modelsOf(scenario, [...held], group.loaded),
        // Only such machines take what nobody has.
        open: typeof group.models === "number",
      };
    }),
  );
  for (const model of models) {
    if (machines.some((machine) => machine.models.includes(model))) continue;
    const open = machines.filter((machine) => machine.open && machine.memoryGb >= model.sizeGb);
    if (open.length > 0) pickerOf(open, () => 1)(random).models.push(model);
  }
  return { models, machines };
}

function someOf(models: readonly SimModel[], count: number, random: () => number): readonly SimModel[] {
  const left = [...models];
  const taken: SimModel[] = [];
  while (taken.length < count && left.length > 0) {
    const picked = pickerOf(left, ({ popularity }) => popularity)(random);
    left.splice(left.indexOf(picked), 1);
    taken.push(picked);
  }
  return taken;
}
