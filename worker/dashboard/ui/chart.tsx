import { lazy } from "../lib/lazy.tsx";
import { common } from "../text/common/index.ts";
import type { ChartProps } from "./chart-canvas.tsx";
import { Notice, Skeleton } from "./states.tsx";

export type { ChartProps, ChartSeries } from "./chart-canvas.tsx";

/** Values over time; the drawing library is fetched when the first chart is shown. */
export const Chart = lazy<ChartProps>(
  () => import("./chart-canvas.tsx").then((module) => module.ChartCanvas),
  {
    waiting: () => <Skeleton lines={4} />,
    failed: () => <Notice tone="bad">{common.value.error.pageHint}</Notice>,
  },
);
