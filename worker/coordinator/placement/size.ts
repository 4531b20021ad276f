import type { Agent } from "../agent.ts";
import type { Wish } from "./wish.ts";

/**
 * How large a wished model is, bytes: as most of the machines say that may have it, or else the others; undefined: none says
 * it. One machine that says nonsense must not decide for all of them.
 */
export function sizeOf(wish: Wish, agents: Iterable<Agent>): number | undefined {
  const within: number[] = [];
  const elsewhere: number[] = [];
  for (const agent of agents) {
    const size = agent.model(wish.canonical)?.size;
    if (size !== undefined) (wish.allows(agent) ? within : elsewhere).push(size);
  }
  return mostCommon(within) ?? mostCommon(elsewhere);
}

/** Of several that are equally common, the smallest. */
function mostCommon(sizes: readonly number[]): number | undefined {
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
