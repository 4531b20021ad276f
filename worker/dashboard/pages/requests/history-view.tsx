import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { clockOffset } from "../../lib/clock.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { usePages } from "../../lib/pages.ts";
import { hrefOf } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Notice, Skeleton, whatToDo } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { NothingPasses } from "./held-filters.tsx";
import { LIST_HEIGHT, rowClass } from "./live-view.tsx";
import { requestColumns } from "./request-columns.tsx";
import { apiFilter, type FilterName, type Filters, held, passes } from "./request-filter.ts";
import type { Listed } from "./status.tsx";

/** Rows fetched at once: enough that one scrolls on without waiting. */
const PAGE = 250;
const nowMs = (): number => Date.now() + clockOffset.peek();

/** All finished requests that are kept, page after page as one scrolls. */
export function HistoryView({
  filters,
  keys,
  onRemove,
}: {
  filters: Filters;
  keys: readonly KeyView[];
  onRemove: (names: readonly FilterName[]) => void;
}) {
  const t = requestsText.value.history;
  const turn = useSignal(0);
  const text = JSON.stringify(filters);
  // "The last hour" begins where it did when it was asked for: otherwise each second would be another list.
  const asked = useMemo(() => apiFilter(filters, nowMs()), [text, turn.value]);
  const pages = usePages("GET /api/admin/requests", { limit: PAGE, ...asked }, [turn.value]);
  const reload = (): void => {
    turn.value++;
  };
  const rows: readonly Listed[] = pages.items;
  if (rows.length === 0 && pages.loading) return <Skeleton lines={10} />;
  if (rows.length === 0 && pages.error !== undefined)
    return <ErrorState error={pages.error} retry={reload} />;
  const now = nowMs();
  const first = pages.items[0]?.at ?? "";
  const newer = feed.requests.value.filter((row) => row.at > first && passes(row, filters, now)).length;
  return (
    <div class="stack stack-sm">
      <div class="row row-between">
        <span class="muted small" role="status">
          {rows.length > 0 && (pages.hasMore ? t.loaded : t.all)(fmt.count(rows.length))}
          {pages.loading && ` ${t.loading}`}
        </span>
        <Button size="sm" icon="refresh" kind={newer > 0 ? "primary" : "secondary"} onClick={reload}>
          {newer > 0 ? t.newer(fmt.count(newer)) : t.refresh}
        </Button>
      </div>
      {pages.error !== undefined && (
        <Notice
          tone="bad"
          alert
          actions={
            <Button size="sm" icon="refresh" onClick={pages.more}>
              {common.value.error.retry}
            </Button>
          }
        >
          {t.moreFailed} {whatToDo(pages.error)}
        </Notice>
      )}
      <div class="requests-list">
        <Table
          // Another list begins at its top.
          key={`${text} ${turn.value}`}
          label={t.label}
          columns={requestColumns.value}
          rows={rows}
          rowHeight={38}
          height={LIST_HEIGHT}
          keyOf={(row) => row.id}
          hrefOf={(row) => hrefOf(`/requests/${row.id}`)}
          rowClass={rowClass}
          onEnd={() => {
            if (pages.error === undefined) pages.more();
          }}
          empty={
            held(filters).length > 0 ? (
              <NothingPasses filters={filters} keys={keys} onRemove={onRemove} />
            ) : (
              <EmptyState
                icon="requests"
                title={t.empty}
                actions={
                  <Button kind="primary" href={hrefOf("/playground")}>
                    {requestsText.value.live.playground}
                  </Button>
                }
              >
                {t.emptyText}
              </EmptyState>
            )
          }
        />
      </div>
    </div>
  );
}
