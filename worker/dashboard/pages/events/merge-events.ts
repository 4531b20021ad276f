interface Dated {
  id: string;
  at: string;
}

/** Two lists, each newest first, as one of that order; what is in both is there once. */
export function mergeNewest<Item extends Dated>(
  live: readonly Item[],
  kept: readonly Item[],
): readonly Item[] {
  if (live.length === 0) return kept;
  const ids = new Set(live.map(({ id }) => id));
  const merged: Item[] = [];
  let at = 0;
  for (const item of kept) {
    if (ids.has(item.id)) continue;
    for (let next = live[at]; next !== undefined && next.at >= item.at; next = live[++at]) merged.push(next);
    merged.push(item);
  }
  return [...merged, ...live.slice(at)];
}
