import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { fmt } from "../lib/fmt.ts";
import { language } from "../lib/language.ts";
import { isDark } from "../lib/theme.ts";
import { common } from "../text/common/index.ts";
import { lonely } from "./lonely.ts";

export interface ChartSeries {
  label: string;
  /** As long as `at`; null: nothing was measured. */
  values: readonly (number | null)[];
  /** 1 to 6; its place in the list unless it is said. */
  color?: 1 | 2 | 3 | 4 | 5 | 6;
  /** The area under it is filled. */
  fill?: boolean;
}

export interface ChartProps {
  /** Read out as the chart's name. */
  label: string;
  /** Seconds since the epoch, ascending. */
  at: readonly number[];
  series: readonly ChartSeries[];
  /** How a value is written, on the axis and under the pointer: `fmt.duration`, `fmt.percent`. */
  format?: (value: number | null) => string;
  /** Pixels. */
  height?: number;
  /** The scale begins at 0 and reaches at least here. */
  max?: number;
}

const variable = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function ChartCanvas({ label, at, series, format = fmt.decimal, height = 200, max }: ChartProps) {
  const root = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = series.map((one) => `${one.label}${one.color ?? ""}${one.fill ?? ""}`).join("\n");
  const dark = isDark.value;
  const locale = language.value;
  const data: uPlot.AlignedData = [[...at], ...series.map(({ values }) => [...values])];

  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const axis = {
      stroke: variable("--text-3"),
      grid: { stroke: variable("--border"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui",
    };
    const made = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height,
        cursor: { y: false, points: { size: 6 } },
        legend: { live: true },
        scales: { y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, max ?? 0) * 1.1 || 1] } },
        axes: [
          {
            ...axis,
            space: 72,
            values: (_plot, splits) => splits.map((split) => timeLabel(split, locale, at)),
          },
          { ...axis, size: 64, values: (_plot, splits) => splits.map((split) => format(split)) },
        ],
        series: [
          {
            label: common.value.chart.time,
            value: (_plot, value) => (value === null ? "" : fmt.dateTime(value * 1_000)),
          },
          ...series.map((one, index) => {
            const color = variable(`--chart-${one.color ?? (index % 6) + 1}`);
            return {
              label: one.label,
              stroke: color,
              width: 1.5,
              points: {
                show: true,
                size: 4,
                fill: color,
                filter: (plot: uPlot, at: number) => lonely(plot.data[at] ?? []),
              },
              ...(one.fill === true ? { fill: `${color}26` } : {}),
              value: (_plot: uPlot, value: number | null) => format(value),
            };
          }),
        ],
      },
      data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize({ width: Math.max(200, element.clientWidth), height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, dark, locale, height, max]);
  useEffect(() => {
    plot.current?.setData(data);
  }, [at, ...series.map(({ values }) => values)]);

  const nothing = series.every(({ values }) => values.every((value) => value === null));
  return (
    <figure class="chart" aria-label={label}>
      <div ref={root} />
      {nothing && <p class="chart-empty muted">{common.value.chart.noData}</p>}
    </figure>
  );
}

/** Days where the chart spans several, else times of day. */
function timeLabel(at: number, locale: string, all: readonly number[]): string {
  const span = (all.at(-1) ?? 0) - (all[0] ?? 0);
  const options: Intl.DateTimeFormatOptions =
    span > 172_800 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale, options).format(at * 1_000);
}
