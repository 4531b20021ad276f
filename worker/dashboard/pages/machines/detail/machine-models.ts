import type { AgentView } from "../../../../../shared/api/agents.ts";
import { canonicalName } from "../../../../../shared/lib/model-name.ts";

export interface MachineModel {
  name: string;
  /** Bytes. */
  size: number | null;
  digest: string | null;
  loaded: boolean;
  /** Bytes in the memory of GPUs; null unless it is loaded. */
  vram: number | null;
  /** Tokens; null unless it is loaded. */
  context: number | null;
}

/** The models of a machine, those in its memory first. */
export function modelsOf({ models, loaded }: Pick<AgentView, "models" | "loaded">): MachineModel[] {
  const inMemory = new Map(loaded.map((model) => [canonicalName(model.name), model]));
  const all = models.map((model): MachineModel => {
    const there = inMemory.get(canonicalName(model.name));
    return {
      name: model.name,
      size: model.size ?? null,
      digest: model.digest ?? null,
      loaded: there !== undefined,
      vram: there?.size_vram ?? null,
      context: there?.context_length ?? null,
    };
  });
  return all.sort((a, b) => Number(b.loaded) - Number(a.loaded) || a.name.localeCompare(b.name));
}
