/**
 * Keeps a list that goes into one control frame below `bytes` of JSON. What is too much loses the fields that are only for
 * display, from the end of the list; entries that do not fit even so are left out.
 */
export function withinBudget<T extends object>(
  entries: readonly T[],
  bytes: number,
  display: readonly string[],
): T[] {
  if (size(entries) <= bytes) return [...entries];
  let left = bytes;
  const kept: { full: T; slim: T; extra: number }[] = [];
  for (const full of entries) {
    const slim = without(full, display);
    const cost = size(slim);
    if (cost > left) continue;
    left -= cost;
    kept.push({ full, slim, extra: size(full) - cost });
  }
  return kept.map(({ full, slim, extra }) => {
    if (extra > left) return slim;
    left -= extra;
    return full;
  });
}

function size(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

function without<T extends object>(entry: T, fields: readonly string[]): T {
  const copy = { ...entry };
  for (const field of fields) Reflect.deleteProperty(copy, field);
  return copy;
}
