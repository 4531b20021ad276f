export interface Point {
  /** Seconds. */
  at: number;
  value: number | null;
}

const WIDTH = 240;
const HEIGHT = 40;

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

/** A small line without axes. @param span seconds that its width means */
export function Sparkline({
  points,
  label,
  span = 3_600,
  max,
}: {
  points: readonly Point[];
  label: string;
  span?: number;
  /** What its height means; the largest value unless it is said. */
  max?: number;
}) {
  const to = points.at(-1)?.at ?? 0;
  const from = to - span;
  const top = Math.max(1e-9, max ?? 0, ...points.map(({ value }) => value ?? 0));
  const path = sparkPath(points, from, to, top);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}
