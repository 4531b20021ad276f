/** Uniform in [0, 1). */
export type Random = () => number;

/**
 * The same numbers for the same seed and purpose: each part of a scenario has its own sequence, so that a change of one does
 * not change all others, and every strategy meets the same requests. Mulberry32 over an FNV-1a hash.
 */
export function randomOf(seed: number, purpose: string): Random {
  let state = 0x811c9dc5;
  for (const character of `${seed} ${purpose}`) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time between two events that happen at random, `rate` of them per unit of time on average. */
export function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate;
}

/** One of the items, each as likely as its weight says. */
export function pickerOf<T>(items: readonly T[], weight: (item: T) => number): (random: Random) => T {
  const total = items.reduce((sum, item) => sum + weight(item), 0);
  return (random) => {
    let left = random() * total;
    const picked = items.find((item) => {
      left -= weight(item);
      return left < 0;
    });
    const item = picked ?? items.at(-1);
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  };
}
