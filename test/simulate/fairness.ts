import type { Outcome } from "./run.ts";

/**
 * Jain's index of what each key got of what was its due: 1 when all got the same share of it, 1/n when one got all.
 *
 * Looked at is the time in which all keys had something to ask for. A key's due is its max-min fair share, by weight, of the slot
 * time that was given away then; one that asked for less is due what it asked for.
 */
export function jain(outcomes: readonly Outcome[]): number {
  const keys = [...Map.groupBy(outcomes, ({ demand }) => demand.key).values()];
  const from = Math.max(...keys.map((some) => Math.min(...some.map(({ arrivedMs }) => arrivedMs))));
  const to = Math.min(...keys.map((some) => Math.max(...some.map(({ endedMs }) => endedMs))));
  if (keys.length < 2 || to <= from) return 1;
  const within = (a: number, b: number): number => Math.max(0, Math.min(b, to) - Math.max(a, from));
  const shares = keys.map((some) => {
    let got = 0;
    let asked = 0;
    for (const { arrivedMs, grantedMs, endedMs, error } of some) {
      asked += within(arrivedMs, endedMs);
      if (error === undefined) got += within(grantedMs, endedMs);
    }
    return { got, asked, weight: some[0]?.demand.weight ?? 1 };
  });
  const due = fairShares(shares);
  const values = shares.flatMap(({ got }, index) => {
    const mine = due[index] ?? 0;
    return mine > 0 ? [got / mine] : [];
  });
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}

/** What was given to all, divided anew: nobody more than they asked for, the rest by weight. */
function fairShares(shares: readonly { got: number; asked: number; weight: number }[]): number[] {
  let left = shares.reduce((sum, { got }) => sum + got, 0);
  const due = shares.map(() => 0);
  const order = shares
    .map((share, index) => ({ ...share, index }))
    .sort((a, b) => a.asked / a.weight - b.asked / b.weight);
  let weights = order.reduce((sum, { weight }) => sum + weight, 0);
  for (const { asked, weight, index } of order) {
    const mine = Math.min(asked, (left * weight) / weights);
    due[index] = mine;
    left -= mine;
    weights -= weight;
  }
  return due;
}
