export interface Point {
  /** Seconds. */
  at: number;
  value: number | null;
}

export const WIDTH = 240;
export const HEIGHT = 40;

/** The line through the points, with a gap where nothing was measured. Pure, for tests. */
export function sparkPath(points: readonly Point[], from: number, to: number, max: number): string {
  let path = "";
  let gap = true;
  for (const { at, value } of points) {
    if (value === null || at < from) {
      gap = true;
      continue;
    }
    const x = ((at - from) / (to - from)) * WIDTH;
    const y = HEIGHT - 2 - (value / max) * (HEIGHT - 4);
    path += `${gap ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    gap = false;
  }
  // One point alone would not be seen.
  return path.includes("L") || path === "" ? path : `${path}h-3`;
}
