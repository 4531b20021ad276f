/** Where a value stands between two gaps: a line has nowhere to go from there, and only a point shows it. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const isGap = (at: number): boolean => values[at] === null || values[at] === undefined;
  const found: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (!isGap(at) && isGap(at - 1) && isGap(at + 1)) found.push(at);
  }
  return found;
}
