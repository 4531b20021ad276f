/** How well a text answers what was typed: 0 not at all, more is better. All words have to be in it. */
export function rank(text: string, typed: string): number {
  const words = typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const inside = text.toLocaleLowerCase();
  let sum = 1;
  for (const word of words) {
    const at = inside.indexOf(word);
    if (at === -1) return 0;
    const isStart = at === 0 || /[\s:/._-]/.test(inside[at - 1] ?? "");
    sum += (at === 0 ? 4 : isStart ? 2 : 1) + word.length / (inside.length + 1);
  }
  return sum;
}

/** The best of a group, the best first; in their order where nothing was typed. */
export function best<Item extends { label: string }>(
  items: readonly Item[],
  typed: string,
  most: number,
): Item[] {
  if (typed.trim() === "") return items.slice(0, most);
  return items
    .map((item, at) => ({ item, at, rank: rank(item.label, typed) }))
    .filter((one) => one.rank > 0)
    .sort((a, b) => b.rank - a.rank || a.at - b.at)
    .slice(0, most)
    .map(({ item }) => item);
}
