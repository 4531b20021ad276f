/** One field that a change has changed; undefined: it was not there on that side. */
export interface Difference {
  /** Its place, such as `queue.max_length`. */
  field: string;
  before: string | undefined;
  after: string | undefined;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value as one line. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** Fields of `before` and `after` that are not the same on both sides, tables looked into. Empty: it tells of no change. */
export function differencesOf(detail: Readonly<Record<string, unknown>>): Difference[] {
  const { before, after } = detail;
  if (!isTable(before) && !isTable(after)) return [];
  const was = flat(isTable(before) ? before : {});
  const is = flat(isTable(after) ? after : {});
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((field) => ({ field, before: was.get(field), after: is.get(field) }))
    .filter(({ before: a, after: b }) => a !== b);
}

/** All else that an event tells. */
export function otherDetails(detail: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(detail)
    .filter(([name, value]) => !((name === "before" || name === "after") && isTable(value)))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, valueText(value)]);
}

function flat(table: Record<string, unknown>, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(table)) {
    const field = `${prefix}${name}`;
    if (isTable(value) && Object.keys(value).length > 0) {
      for (const [inner, text] of flat(value, `${field}.`)) found.set(inner, text);
    } else found.set(field, valueText(value));
  }
  return found;
}

/** What it is about, where that is no machine that is still there: a name of the detail. */
export function subjectOf(detail: Readonly<Record<string, unknown>>): string | null {
  for (const name of ["name", "model", "machine_name", "caller_address"]) {
    const value = detail[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return null;
}
