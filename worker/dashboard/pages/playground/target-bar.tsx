import { agentsById, feed } from "../../lib/feed.ts";
import { playgroundText } from "../../text/playground/index.ts";
import { Select } from "../../ui/fields.tsx";
import { harmless } from "../../ui/harmless.ts";
import type { ModelMachine, OfferedModel } from "./lib/offered-model.ts";
import type { Target } from "./lib/playground.ts";
import { ModelPicker } from "./model-picker.tsx";
import { playground } from "./state.ts";

/** Who answers: the model, and the machine where it matters; one of these for each column. */
export function TargetBar({ models }: { models: readonly OfferedModel[] }) {
  const targets = playground.targets.value;
  return (
    <div class={`pg-columns pg-columns-${targets.length}`}>
      {targets.map((target, column) => (
        <TargetFields key={column} target={target} column={column} of={targets.length} models={models} />
      ))}
    </div>
  );
}

function TargetFields({
  target,
  column,
  of,
  models,
}: {
  target: Target;
  column: number;
  of: number;
  models: readonly OfferedModel[];
}) {
  const t = playgroundText.value.target;
  const machines = machinesFor(target, models);
  return (
    <div class="pg-target">
      <ModelPicker
        label={of === 1 ? t.model : t.modelOf(column + 1)}
        value={target.model}
        models={models}
        onChoose={(model) => playground.setTarget(column, withModel(target, model, models))}
      />
      <Select
        label={of === 1 ? t.machine : t.machineOf(column + 1)}
        value={target.agent?.id ?? ""}
        options={[
          { value: "", label: t.any },
          ...machines.map((machine) => ({ value: machine.id, label: labelOf(machine, t) })),
        ]}
        onChange={(id) => {
          const machine = machines.find((one) => one.id === id);
          const agent = machine && { id: machine.id, name: machine.name };
          playground.setTarget(column, { ...target, agent });
        }}
      />
    </div>
  );
}

/** A machine that does not have the other model cannot answer with it. */
function withModel({ agent }: Target, model: string, models: readonly OfferedModel[]): Target {
  const holders = models.find(({ name }) => name === model)?.machines ?? [];
  const stays = holders.length === 0 || holders.some(({ id }) => id === agent?.id);
  return { model, agent: stays ? agent : undefined };
}

function labelOf({ name, online, loaded }: ModelMachine, t: typeof playgroundText.value.target): string {
  const state = online ? (loaded ? ` · ${t.loaded}` : "") : ` · ${t.machineOffline}`;
  return `${harmless(name, 60)}${state}`;
}

/** Those that have the model; of a name that is no model's, all that are online; and the one that is chosen in any case. */
function machinesFor({ model, agent }: Target, models: readonly OfferedModel[]): readonly ModelMachine[] {
  const holders = models.find(({ name }) => name === model)?.machines ?? [];
  const found =
    holders.length > 0
      ? holders
      : feed.agents.value
          .filter(({ status }) => status === "online")
          .map(({ id, name }) => ({ id, name, online: true, loaded: false }));
  if (agent === undefined || found.some(({ id }) => id === agent.id)) return found;
  const online = agentsById.value.get(agent.id)?.status === "online";
  return [...found, { ...agent, online, loaded: false }];
}
