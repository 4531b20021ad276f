/** What a change was, for the audit trail: only the fields that are not as they were. A type of its own so that nobody forgets one side. */
export interface Changes {
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

/** The fields of `after` that differ from `before`, in both; undefined when none does. Tables are looked into, lists are one value. */
export function changes(before: object, after: object): Changes | undefined {
  const found: Changes = { before: {}, after: {} };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const was = fieldOf(before, name);
    const is = fieldOf(after, name);
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const tables = isTable(was) && isTable(is);
    const inner = tables ? changes(was, is) : undefined;
    // The same entries, sent in another order.
    if (tables && inner === undefined) continue;
    put(found.before, name, inner?.before ?? was);
    put(found.after, name, inner?.after ?? is);
  }
  return Object.keys(found.before).length + Object.keys(found.after).length === 0 ? undefined : found;
}

/** A name may come from an operator, as an alias does: one such as `__proto__` must stay a name. */
function put(into: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) return;
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}

function fieldOf(of: object, name: string): unknown {
  return Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
