import type { AgentPatch, AgentView } from "../../../../../shared/api/agents.ts";

/** What the form holds. */
export interface MachineForm {
  name: string;
  tags: readonly string[];
  note: string;
  weight: number | null;
  /** Null: the machine's own limit. */
  max_concurrency: number | null;
}

export const formOf = ({ name, tags, note, weight, max_concurrency }: AgentView): MachineForm => ({
  name,
  tags,
  note,
  weight,
  max_concurrency,
});

/**
 * Only what was changed: the number of requests at once that is shown may be the machine's own, and sending it back would fix it.
 */
export function patchOf(before: MachineForm, now: MachineForm): AgentPatch {
  const patch: AgentPatch = {};
  if (now.name.trim() !== before.name) patch.name = now.name.trim();
  if (now.tags.join("\n") !== before.tags.join("\n")) patch.tags = [...now.tags];
  if (now.note !== before.note) patch.note = now.note;
  if (now.weight !== null && now.weight !== before.weight) patch.weight = now.weight;
  if (now.max_concurrency !== before.max_concurrency) patch.max_concurrency = now.max_concurrency;
  return patch;
}
