import type { KeyCreate, KeyPatch, KeyView, Permission, Priority } from "../../../../../shared/api/keys.ts";

export const LIMITS = ["rpm", "tpm", "tpd", "max_concurrency"] as const;
export type LimitName = (typeof LIMITS)[number];

export const PRIORITIES = ["high", "normal", "low"] as const satisfies readonly Priority[];

/** How a key's end is chosen: a number of days from now, never, or `at` with a time. */
export const EXPIRIES = ["never", "7", "30", "90", "365", "at"] as const;
export type Expiry = (typeof EXPIRIES)[number];

const DAY_MS = 86_400_000;

/** What is typed in the form of a key. */
export interface KeyDraft extends Record<LimitName, number | null> {
  name: string;
  infer: boolean;
  manage: boolean;
  path: boolean;
  /** Empty: all models. */
  models: string[];
  expiry: Expiry;
  /** Local time as `<input type="datetime-local">` has it. */
  expiresAt: string;
  priority: Priority;
  weight: number | null;
}

/** What most keys are: they may use models, for as long as nobody revokes them. */
export const NEW_KEY: KeyDraft = {
  name: "",
  infer: true,
  manage: false,
  path: false,
  models: [],
  expiry: "never",
  expiresAt: "",
  rpm: null,
  tpm: null,
  tpd: null,
  max_concurrency: null,
  priority: "normal",
  weight: 1,
};

export function draftOf(key: KeyView): KeyDraft {
  const { name, path, models, priority, weight, permissions, expires_at, rpm, tpm, tpd, max_concurrency } =
    key;
  return {
    name,
    infer: permissions.includes("infer"),
    manage: permissions.includes("manage"),
    path,
    models: models ?? [],
    expiry: expires_at === null ? "never" : "at",
    expiresAt: expires_at === null ? "" : localInput(new Date(expires_at)),
    ...{ rpm, tpm, tpd, max_concurrency },
    priority,
    weight,
  };
}

export function createOf(draft: KeyDraft, now: number): KeyCreate {
  const expires_at = expiryOf(draft, now);
  return {
    name: draft.name,
    permissions: permissionsOf(draft),
    path: draft.path,
    ...(draft.models.length === 0 ? {} : { models: draft.models }),
    ...(expires_at === null ? {} : { expires_at }),
    ...limitsOf(draft),
    priority: draft.priority,
    weight: draft.weight ?? 1,
  };
}

/** Only what was changed: what somebody else changes meanwhile stays. */
export function patchOf(key: KeyView, draft: KeyDraft, now: number): KeyPatch {
  const all: Required<KeyPatch> = {
    name: draft.name,
    permissions: permissionsOf(draft),
    models: draft.models.length === 0 ? null : draft.models,
    path: draft.path,
    expires_at: expiryOf(draft, now),
    ...limitsOf(draft),
    priority: draft.priority,
    weight: draft.weight ?? 1,
  };
  const before = draftOf(key);
  const same = (names: readonly (keyof KeyDraft)[]): boolean =>
    names.every((name) => JSON.stringify(before[name]) === JSON.stringify(draft[name]));
  const fields = Object.entries(all).filter(([name]) => !same(SOURCES[name as keyof KeyPatch]));
  return Object.fromEntries(fields);
}

/** What each field of the API is made of. */
const SOURCES: Record<keyof KeyPatch, readonly (keyof KeyDraft)[]> = {
  name: ["name"],
  permissions: ["infer", "manage"],
  models: ["models"],
  path: ["path"],
  expires_at: ["expiry", "expiresAt"],
  rpm: ["rpm"],
  tpm: ["tpm"],
  tpd: ["tpd"],
  max_concurrency: ["max_concurrency"],
  priority: ["priority"],
  weight: ["weight"],
};

function permissionsOf({ infer, manage }: KeyDraft): Permission[] {
  return [...(infer ? (["infer"] as const) : []), ...(manage ? (["manage"] as const) : [])];
}

function limitsOf({ rpm, tpm, tpd, max_concurrency }: KeyDraft): Record<LimitName, number | null> {
  return { rpm, tpm, tpd, max_concurrency };
}

/** Null: never. A time that is not whole yet is left to the coordinator to refuse. */
export function expiryOf(
  { expiry, expiresAt }: Pick<KeyDraft, "expiry" | "expiresAt">,
  now: number,
): string | null {
  if (expiry === "never") return null;
  if (expiry !== "at") return new Date(now + Number(expiry) * DAY_MS).toISOString();
  const at = new Date(expiresAt);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}

const two = (value: number): string => String(value).padStart(2, "0");

/** As `<input type="datetime-local">` wants it: the reader's own time, to the minute. */
export function localInput(at: Date): string {
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Faults of the API by the form's fields: those of a list's entry are the list's. */
export function faultOf(fields: Readonly<Record<string, string>>, name: string): string | undefined {
  const found = Object.entries(fields).find(([field]) => field === name || field.startsWith(`${name}.`));
  return found?.[1];
}
