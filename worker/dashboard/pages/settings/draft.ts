import type { Settings, SettingsPatch, StrategyName } from "../../../../shared/api/settings.ts";

/** Fields as the API names their faults. Each is shown, reset and compared on its own. */
export const NUMBERS = [
  "queue.max_length",
  "queue.timeout_s",
  "resume_window_s",
  "connect_timeout_s",
  "first_byte_timeout_s",
  "idle_timeout_s",
  "retention_days",
] as const;
export type NumberField = (typeof NUMBERS)[number];
export const FIELDS = ["strategy", ...NUMBERS, "cors_origins", "aliases", "fallbacks"] as const;
export type Field = (typeof FIELDS)[number];

export const STRATEGIES = [
  "auto",
  "round-robin",
  "least-loaded",
  "weighted",
] as const satisfies StrategyName[];

/** What is allowed; a test holds it against the API's own schema. */
export const BOUNDS: Record<NumberField, { min: number; max: number }> = {
  "queue.max_length": { min: 0, max: 10_000 },
  "queue.timeout_s": { min: 1, max: 86_400 },
  resume_window_s: { min: 0, max: 300 },
  connect_timeout_s: { min: 1, max: 60 },
  first_byte_timeout_s: { min: 1, max: 3_600 },
  idle_timeout_s: { min: 1, max: 3_600 },
  retention_days: { min: 1, max: 365 },
};

export interface AliasRow {
  name: string;
  target: string;
}
export interface FallbackRow {
  name: string;
  models: readonly string[];
}

/** What is typed: a number may be missing, and a table may have a name twice while it is edited. */
export interface Draft extends Record<NumberField, number | null> {
  strategy: StrategyName;
  cors_origins: readonly string[];
  aliases: readonly AliasRow[];
  fallbacks: readonly FallbackRow[];
}

export function draftOf(settings: Settings): Draft {
  const { queue } = settings;
  return {
    strategy: settings.strategy,
    "queue.max_length": queue.max_length,
    "queue.timeout_s": queue.timeout_s,
    resume_window_s: settings.resume_window_s,
    connect_timeout_s: settings.connect_timeout_s,
    first_byte_timeout_s: settings.first_byte_timeout_s,
    idle_timeout_s: settings.idle_timeout_s,
    retention_days: settings.retention_days,
    cors_origins: settings.cors_origins,
    aliases: byName(settings.aliases).map(([name, target]) => ({ name, target })),
    fallbacks: byName(settings.fallbacks).map(([name, models]) => ({ name, models })),
  };
}

function byName<Value>(table: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1));
}

export type Faults = Readonly<Record<string, string>>;

/** Faults that keep it from being sent at all, by field: `missing` a number, `twice` or `empty` a name of a table. */
export function localFaults(draft: Draft): Partial<Record<Field, "missing" | "twice" | "empty">> {
  const found: ReturnType<typeof localFaults> = {};
  for (const name of NUMBERS) if (draft[name] === null) found[name] = "missing";
  for (const table of ["aliases", "fallbacks"] as const) {
    const names = draft[table].map(({ name }) => name.trim());
    if (names.includes("")) found[table] = "empty";
    else if (new Set(names).size < names.length) found[table] = "twice";
  }
  if (draft.aliases.some(({ target }) => target.trim() === "")) found.aliases = "empty";
  if (draft.fallbacks.some(({ models }) => models.length === 0)) found.fallbacks = "empty";
  return found;
}

/** The order of a table's rows says nothing, that of a row's models does. */
function sameValue(field: Field, a: Draft, b: Draft): boolean {
  return text(field, a) === text(field, b);
}

function text(field: Field, draft: Draft): string {
  if (field !== "aliases" && field !== "fallbacks") return JSON.stringify(draft[field]);
  const rows = draft[field].map((row) => JSON.stringify({ ...row, name: row.name.trim() }));
  return JSON.stringify(rows.sort());
}

/** Fields in which the two differ. */
export function changedFields(base: Draft, draft: Draft): Field[] {
  return FIELDS.filter((field) => !sameValue(field, base, draft));
}

/** What is to be sent: only what was changed, and nothing that the environment has fixed. */
export function patchOf(base: Draft, draft: Draft, locked: readonly string[] = []): SettingsPatch {
  const patch: SettingsPatch = {};
  for (const field of changedFields(base, draft)) {
    if (locked.includes(settingOf(field))) continue;
    if (field === "strategy") patch.strategy = draft.strategy;
    else if (field === "cors_origins") patch.cors_origins = [...draft.cors_origins];
    else if (field === "aliases") {
      patch.aliases = table(draft.aliases.map(({ name, target }) => [name.trim(), target.trim()]));
    } else if (field === "fallbacks") {
      patch.fallbacks = table(draft.fallbacks.map(({ name, models }) => [name.trim(), [...models]]));
    } else {
      const value = draft[field];
      if (value === null) continue;
      if (field === "queue.max_length") patch.queue = { ...patch.queue, max_length: value };
      else if (field === "queue.timeout_s") patch.queue = { ...patch.queue, timeout_s: value };
      else patch[field] = value;
    }
  }
  return patch;
}

/** A name may be anything, `__proto__` too. */
function table<Value>(rows: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries(rows);
}

/** The setting that a field belongs to, as `locked` names it. */
export function settingOf(field: Field): string {
  return field.split(".")[0] ?? field;
}

export interface Rebased {
  draft: Draft;
  /** Fields that were taken over from elsewhere. */
  taken: Field[];
  /** Fields that were changed here and elsewhere, to different values: here stays as it is. */
  conflicts: Field[];
}

/** Settings were changed elsewhere while somebody types: what he has not touched follows, what he typed stays. */
export function rebase(base: Draft, draft: Draft, remote: Draft): Rebased {
  const result: Rebased = { draft: { ...draft }, taken: [], conflicts: [] };
  for (const field of changedFields(base, remote)) {
    if (sameValue(field, base, draft)) {
      result.taken.push(field);
      result.draft = { ...result.draft, ...only(remote, field) };
    } else if (!sameValue(field, draft, remote)) result.conflicts.push(field);
  }
  return result;
}

/** One field of a draft, to be put into another. */
export function only(draft: Draft, field: Field): Partial<Draft> {
  return { [field]: draft[field] };
}

/** The API's faults of one field, those of its entries included. */
export function faultOf(faults: Faults, field: Field): string | undefined {
  for (const [name, fault] of Object.entries(faults)) {
    if (name === field || (field === "queue.max_length" && name === "queue")) return fault;
    if (name.startsWith(`${field}.`)) return `${name.slice(field.length + 1)}: ${fault}`;
  }
  return undefined;
}
