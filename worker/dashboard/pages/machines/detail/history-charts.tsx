import { useComputed } from "@preact/signals";
import type { SeriesMetric } from "../../../../../shared/api/stats.ts";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { fmt } from "../../../lib/fmt.ts";
import { useResource } from "../../../lib/resource.ts";
import { queryValue, setQuery } from "../../../lib/router.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Card } from "../../../ui/card.tsx";
import { Chart, type ChartSeries } from "../../../ui/chart.tsx";
import { ErrorState, Skeleton } from "../../../ui/states.tsx";
import { Tabs } from "../../../ui/tabs.tsx";

const RANGES = ["1h", "24h", "7d"] as const;
type Shown = (typeof RANGES)[number];
const METRICS = [
  "requests",
  "errors",
  "tokens_per_second",
  "first_byte_ms_p50",
  "first_byte_ms_p95",
  "cpu_usage",
  "memory_usage",
  "gpu_usage",
] as const satisfies readonly SeriesMetric[];
type Metric = (typeof METRICS)[number];
/** How often it is asked again, ms: no oftener than a step of the chart is long. */
const EVERY_MS: Record<Shown, number> = { "1h": 60_000, "24h": 300_000, "7d": 900_000 };

const chosen = queryValue("range");

export function HistoryCharts({ id }: { id: string }) {
  const t = machinesText.value.charts;
  const range: Shown = RANGES.find((one) => one === chosen.value) ?? "1h";
  const turn = useComputed(() => Math.floor(coordinatorNow() / EVERY_MS[range]));
  const asked = useResource(
    (signal) =>
      call("GET /api/admin/stats/series", { query: { metric: METRICS, range, agent_id: id }, signal }),
    [id, range, turn.value],
  );
  const view = asked.data;
  const values = (metric: Metric): readonly (number | null)[] => view?.series[metric] ?? [];
  const chart = (
    title: string,
    series: ChartSeries[],
    format?: (value: number | null) => string,
    max?: number,
  ) => (
    <div>
      <h3 class="machines-chart-title">{title}</h3>
      <Chart
        label={title}
        at={view?.at ?? []}
        series={series}
        height={150}
        {...(format === undefined ? {} : { format })}
        {...(max === undefined ? {} : { max })}
      />
    </div>
  );
  return (
    <Card title={t.title}>
      <Tabs
        label={t.range}
        tabs={RANGES.map((one) => ({ id: one, label: t.ranges[one] }))}
        selected={range}
        onSelect={(one) => setQuery({ range: one === "1h" ? null : one })}
      >
        {asked.error !== undefined && view === undefined && (
          <ErrorState error={asked.error} retry={asked.reload} />
        )}
        {asked.loading && view === undefined && <Skeleton lines={6} />}
        {view !== undefined && (
          <div class="machines-charts">
            {chart(
              t.requests,
              [
                { label: t.ok, values: values("requests"), fill: true },
                { label: t.errors, values: values("errors"), color: 3 },
              ],
              fmt.decimal,
            )}
            {chart(t.speed, [{ label: t.speed, values: values("tokens_per_second"), color: 2 }], fmt.decimal)}
            {chart(
              t.latency,
              [
                { label: t.first, values: values("first_byte_ms_p50") },
                { label: t.firstHigh, values: values("first_byte_ms_p95"), color: 3 },
              ],
              fmt.duration,
            )}
            {chart(
              t.load,
              [
                { label: t.cpu, values: values("cpu_usage") },
                { label: t.memory, values: values("memory_usage"), color: 2 },
                { label: t.gpu, values: values("gpu_usage"), color: 5 },
              ],
              fmt.percent,
              100,
            )}
          </div>
        )}
      </Tabs>
    </Card>
  );
}
