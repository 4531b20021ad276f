/** Buckets in each doubling of a time: a percentile is within a tenth of the truth. */
const PER_DOUBLING = 4;
/** Up to 2^27 ms, which is 37 hours: a request may wait for a day. What is longer counts as that. */
const LAST = 27 * PER_DOUBLING;

/** In which bucket a time falls; bucket 0 has all up to a millisecond. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(LAST, Math.ceil(Math.log2(ms) * PER_DOUBLING));
}

/** The longest time that a bucket has, ms. */
export function upperBound(bucket: number): number {
  return 2 ** (bucket / PER_DOUBLING);
}

/** How many times were measured in each bucket; empty ones take no room. */
export class Histogram {
  readonly #counts = new Map<number, number>();

  add(ms: number): void {
    this.#count(bucketOf(ms), 1);
  }

  #count(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }

  /** @param pairs as `pack` made them */
  merge(pairs: readonly number[]): void {
    for (let at = 0; at + 1 < pairs.length; at += 2) this.#count(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  }

  /** Bucket, count, bucket, count … in the order of the buckets. */
  pack(): number[] {
    return [...this.#counts].sort(([a], [b]) => a - b).flat();
  }

  /**
   * The time that a share of all measured does not exceed, ms, taken as spread evenly over its bucket; null: nothing was measured.
   * @param shares ascending, each in (0, 1]
   */
  percentiles(shares: readonly number[]): (number | null)[] {
    const counts = [...this.#counts].sort(([a], [b]) => a - b);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return shares.map(() => null);
    return shares.map((share) => {
      const wanted = share * total;
      let below = 0;
      for (const [bucket, count] of counts) {
        if (below + count >= wanted) {
          const lower = bucket === 0 ? 0 : upperBound(bucket - 1);
          return lower + (upperBound(bucket) - lower) * ((wanted - below) / count);
        }
        below += count;
      }
      // Sums of shares are not exact to the last bit.
      return upperBound(counts.at(-1)?.[0] ?? 0);
    });
  }
}
