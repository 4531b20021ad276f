import { HEIGHT, type Point, sparkPath, WIDTH } from "./spark-path.ts";

export type { Point } from "./spark-path.ts";

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
