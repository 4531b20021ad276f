import { canonicalName } from "../../shared/lib/model-name.ts";
import { type Substitutions, tableOf } from "./aliases.ts";

type Field = keyof Substitutions;

/**
 * What is wrong with the two tables taken together, by field; undefined when nothing is.
 * @param changed the fields that somebody changes right now: of a cycle through both he is told about his own
 */
export function aliasFaults(
  settings: Substitutions,
  changed: readonly Field[],
): Partial<Record<Field, string>> | undefined {
  for (const field of ["aliases", "fallbacks"] as const) {
    const twice = sameName(Object.keys(settings[field]));
    if (twice !== undefined) return { [field]: `has one model under two names: ${twice.join(" and ")}` };
  }
  const cycle = findCycle(settings);
  if (cycle === undefined) return undefined;
  const text = `has the cycle ${cycle.names.join(" → ")}`;
  const own = changed.filter((field) => cycle.fields.has(field));
  return Object.fromEntries((own.length > 0 ? own : [...cycle.fields]).map((field) => [field, text]));
}

function sameName(names: readonly string[]): [string, string] | undefined {
  const known = new Map<string, string>();
  for (const name of names) {
    const canonical = canonicalName(name);
    const before = known.get(canonical);
    if (before !== undefined) return [before, name];
    known.set(canonical, name);
  }
  return undefined;
}

interface Step {
  name: string;
  model: string;
  /** The table that leads here; undefined for the first. */
  by: Field | undefined;
}

function findCycle(settings: Substitutions): { names: string[]; fields: Set<Field> } | undefined {
  const table = tableOf(settings);
  const safe = new Set<string>();
  const path: Step[] = [];
  const visit = (name: string, by: Field | undefined): Step[] | undefined => {
    const model = canonicalName(name);
    if (safe.has(model)) return undefined;
    const from = path.findIndex((step) => step.model === model);
    if (from >= 0) return [...path.slice(from), { name, model, by }];
    path.push({ name, model, by });
    const target = table.aliases.get(model);
    let cycle = target === undefined ? undefined : visit(target, "aliases");
    for (const next of table.fallbacks.get(model) ?? []) cycle ??= visit(next, "fallbacks");
    path.pop();
    safe.add(model);
    return cycle;
  };
  for (const name of [...Object.keys(settings.aliases), ...Object.keys(settings.fallbacks)]) {
    const cycle = visit(name, undefined);
    if (cycle === undefined) continue;
    const [, ...steps] = cycle;
    return {
      names: cycle.map((step) => step.name),
      fields: new Set(steps.flatMap(({ by }) => (by === undefined ? [] : [by]))),
    };
  }
  return undefined;
}
