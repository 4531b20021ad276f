/** Bytes of a model as most of its copies say, of several equally common the smallest; undefined: none says it. */
export function likelySize(sizes: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  let likely: number | undefined;
  let most = 0;
  for (const [size, count] of counts) {
    if (count < most || (count === most && size >= (likely ?? 0))) continue;
    likely = size;
    most = count;
  }
  return likely;
}
