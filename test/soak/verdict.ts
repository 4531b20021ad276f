import type { Sample } from "./sample.ts";

/** What may be added over the whole run before it counts as growth: a share of the beginning, or this much. */
interface Allowance {
  readonly share: number;
  readonly least: number;
}

const MB = 1024 * 1024;
const ALLOWED: Record<keyof Sample, Allowance> = {
  // The allocator keeps and splits pages as it likes; a leak shows in the heap or in the buffers first.
  resident: { share: 0.15, least: 15 * MB },
  heap: { share: 0.08, least: 1.5 * MB },
  external: { share: 0.15, least: 2 * MB },
  timers: { share: 0, least: 3 },
  handles: { share: 0, least: 3 },
};

export interface Growth {
  readonly what: keyof Sample;
  /** Over the whole run. */
  readonly by: number;
  readonly allowed: number;
}

/** What has grown from the first sample to the last by more than is allowed. */
export function growthOf(samples: readonly Sample[]): Growth[] {
  const [first] = samples;
  if (first === undefined) return [];
  return (Object.keys(ALLOWED) as (keyof Sample)[]).flatMap((what) => {
    const by = slope(samples.map((sample) => sample[what])) * (samples.length - 1);
    const allowed = Math.max(first[what] * ALLOWED[what].share, ALLOWED[what].least);
    return by > allowed ? [{ what, by, allowed }] : [];
  });
}

/** The median of the slopes between all pairs: one odd sample does not make it. */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((value, at) =>
    values.slice(at + 1).map((later, distance) => (later - value) / (distance + 1)),
  );
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor((slopes.length - 1) / 2)] ?? 0;
}
