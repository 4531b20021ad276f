import { useMemo } from "preact/hooks";
import type { StatsView } from "../../../../../shared/api/stats.ts";
import { call } from "../../../lib/api.ts";
import { fmt } from "../../../lib/fmt.ts";
import { useResource } from "../../../lib/resource.ts";
import { hrefOf, queryValue, setQuery } from "../../../lib/router.ts";
import { keysText } from "../../../text/keys/index.ts";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState, ErrorState, Notice, Skeleton, whatToDo } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { useActivity } from "../activity.ts";
import { Choice } from "./choice.tsx";
import { usageColumns } from "./usage-columns.tsx";
import { type Dimension, usageRows } from "./usage-rows.ts";

const RANGES = ["24h", "7d", "30d"] as const;

const range = queryValue("range");
const by = queryValue("by");

/** What was used in a time, grouped by one thing: of everything, or of one key. */
export function UsageView({ keyId, dimensions }: { keyId?: string; dimensions: readonly Dimension[] }) {
  const t = keysText.value.usage;
  const time = RANGES.find((one) => one === range.value) ?? "24h";
  const dimension = dimensions.find((one) => one === by.value) ?? dimensions[0] ?? "day";
  const { data, error, loading, reload } = useResource(
    (signal) =>
      call("GET /api/admin/stats", {
        query: { range: time, ...(keyId === undefined ? {} : { key_id: keyId }) },
        signal,
      }),
    [time, keyId, useActivity()],
  );
  return (
    <div class="stack">
      <div class="row row-between">
        <Choice
          label={t.by}
          options={dimensions.map((id) => ({ id, label: t.dimensions[id] }))}
          selected={dimension}
          onSelect={(id) => setQuery({ by: id })}
        />
        <Choice
          label={t.range}
          options={RANGES.map((id) => ({ id, label: t.ranges[id] }))}
          selected={time}
          onSelect={(id) => setQuery({ range: id })}
        />
      </div>
      {data === undefined ? (
        error === undefined ? (
          <Skeleton lines={5} />
        ) : (
          <ErrorState error={error} retry={reload} />
        )
      ) : (
        <>
          {error !== undefined && <Notice tone="warn">{whatToDo(error)}</Notice>}
          <div class={loading ? "keys-usage keys-usage-loading" : "keys-usage"} aria-busy={loading}>
            <Figures stats={data} dimension={dimension} ofKey={keyId !== undefined} />
          </div>
        </>
      )}
    </div>
  );
}

function Figures({ stats, dimension, ofKey }: { stats: StatsView; dimension: Dimension; ofKey: boolean }) {
  const t = keysText.value.usage;
  const rows = useMemo(() => usageRows(stats, dimension), [stats, dimension]);
  const columns = useMemo(() => usageColumns(keysText.value, dimension, rows), [t, dimension, rows]);
  const { totals } = stats;
  if (totals.requests === 0) {
    return ofKey ? (
      <EmptyState icon="clock" title={t.emptyTitle}>
        {t.emptyKeyText}
      </EmptyState>
    ) : (
      <EmptyState
        icon="clock"
        title={t.emptyTitle}
        actions={
          <Button icon="playground" href={hrefOf("/playground")}>
            {t.playground}
          </Button>
        }
      >
        {t.emptyText}
      </EmptyState>
    );
  }
  const sums: [string, number, string?][] = [
    [t.requests, totals.requests],
    [t.prompt, totals.prompt_tokens, "keys-bar-prompt"],
    [t.completion, totals.completion_tokens, "keys-bar-completion"],
    [t.errors, totals.errors],
  ];
  return (
    <>
      <dl class="keys-totals" aria-label={t.totals}>
        {sums.map(([name, value, colour]) => (
          <div key={name}>
            <dt>
              {colour !== undefined && <span class={`keys-swatch ${colour}`} aria-hidden="true" />}
              {name}
            </dt>
            <dd title={fmt.count(value)}>{fmt.compact(value)}</dd>
          </div>
        ))}
      </dl>
      <Card flush>
        <Table
          key={dimension}
          label={t.table(t.dimensions[dimension])}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.key}
        />
      </Card>
      {dimension === "day" && <p class="muted small">{t.utc}</p>}
      {rows.length >= 100 && dimension !== "day" && <p class="muted small">{t.most}</p>}
    </>
  );
}
