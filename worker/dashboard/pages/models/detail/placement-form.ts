import type { PlacementPut, PlacementView } from "../../../../../shared/api/models.ts";

/** What the form holds; machines by the names that people know. */
export interface PlacementForm {
  replicas: number | null;
  agents: readonly string[];
  tags: readonly string[];
}

interface Known {
  id: string;
  name: string;
}

export function placementForm(placement: PlacementView | null, agents: readonly Known[]): PlacementForm {
  const names = new Map(agents.map(({ id, name }) => [id, name]));
  return {
    replicas: placement?.replicas ?? 1,
    agents: placement?.agents?.map((id) => names.get(id) ?? id) ?? [],
    tags: placement?.tags ?? [],
  };
}

/** @returns undefined when the number is none */
export function placementPut(form: PlacementForm, agents: readonly Known[]): PlacementPut | undefined {
  const { replicas } = form;
  if (replicas === null || !Number.isInteger(replicas) || replicas < 0 || replicas > 1_000) return undefined;
  if (replicas === 0) return { replicas };
  const ids = new Map(agents.map(({ id, name }) => [name.toLowerCase(), id]));
  return {
    replicas,
    agents: form.agents.length === 0 ? null : form.agents.map((one) => ids.get(one.toLowerCase()) ?? one),
    tags: form.tags.length === 0 ? null : [...form.tags],
  };
}
