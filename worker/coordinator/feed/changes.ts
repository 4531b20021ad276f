/** The fields of `after` that are not as in `before`; undefined: all are. */
export function changesOf<T extends object>(before: Partial<T>, after: T): Partial<T> | undefined {
  let changes: Partial<T> | undefined;
  for (const field in after) {
    if (same(before[field], after[field])) continue;
    changes ??= {};
    changes[field] = after[field];
  }
  return changes;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (!Array.isArray(a) || !Array.isArray(b)) return JSON.stringify(a) === JSON.stringify(b);
  return a.length === b.length && a.every((each, index) => same(each, b[index]));
}

const encoder = new TextEncoder();

/** Bytes of a text as UTF-8. */
export function bytesOf(text: string): number {
  // Most texts are plain ASCII, and of these the length is known.
  return /^[\0-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
}
