import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { EventView } from "../../../../shared/api/events.ts";
import { clockOffset } from "../../lib/clock.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { usePages } from "../../lib/pages.ts";
import { hrefOf } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { eventsText } from "../../text/events/index.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Notice, Skeleton, whatToDo } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { eventColumns } from "./event-columns.tsx";
import { EventDialog } from "./event-dialog.tsx";
import { apiFilter, type Filters, held, passes } from "./event-filter.ts";
import { CLEARED, filterWords } from "./event-filters.tsx";
import { mergeNewest } from "./merge-events.ts";

const nowMs = (): number => Date.now() + clockOffset.peek();

/** What the feed tells on top of what the history keeps. */
export function EventList({
  filters,
  onChange,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}) {
  const t = eventsText.value;
  const opened = useSignal<EventView | undefined>(undefined);
  const text = JSON.stringify(filters);
  const asked = useMemo(() => apiFilter(filters, nowMs()), [text]);
  const pages = usePages("GET /api/admin/events", asked);
  const now = nowMs();
  const live = feed.events.value.filter((event) => passes(event, filters, now));
  const rows = mergeNewest(live, pages.items);
  if (rows.length === 0 && pages.loading) return <Skeleton lines={10} />;
  if (rows.length === 0 && pages.error !== undefined) {
    return <ErrorState error={pages.error} retry={pages.reload} />;
  }
  return (
    <div class="stack stack-sm">
      <span class="muted small" role="status">
        {(pages.hasMore ? t.loaded : t.all)(fmt.count(rows.length))} · {pages.loading ? t.loading : t.live}
      </span>
      {pages.error !== undefined && (
        <Notice
          tone="bad"
          alert
          actions={
            <Button size="sm" icon="refresh" onClick={pages.items.length === 0 ? pages.reload : pages.more}>
              {common.value.error.retry}
            </Button>
          }
        >
          {t.moreFailed} {whatToDo(pages.error)}
        </Notice>
      )}
      <div class="events-list">
        <Table
          // Another list begins at its top.
          key={text}
          label={t.label}
          columns={eventColumns()}
          rows={rows}
          rowHeight={38}
          height="max(320px, calc(100dvh - 280px))"
          keyOf={(event) => event.id}
          onOpen={(event) => {
            opened.value = event;
          }}
          onEnd={() => {
            if (pages.error === undefined) pages.more();
          }}
          empty={
            held(filters).length > 0 ? <NothingPasses filters={filters} onChange={onChange} /> : <NoEvents />
          }
        />
      </div>
      {opened.value !== undefined && (
        <EventDialog
          event={opened.value}
          onClose={() => {
            opened.value = undefined;
          }}
        />
      )}
    </div>
  );
}

function NothingPasses({
  filters,
  onChange,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}) {
  const t = eventsText.value.filter;
  return (
    <EmptyState
      icon="filter"
      title={t.none}
      actions={
        <Button kind="primary" onClick={() => onChange(CLEARED)}>
          {t.clear}
        </Button>
      }
    >
      <div class="stack stack-sm">
        <p>{t.noneText}</p>
        <ul class="requests-held">
          {held(filters).map((name) => {
            const words = filterWords(name, filters);
            return (
              <li key={name}>
                <Button
                  size="sm"
                  icon="close"
                  label={t.remove(words)}
                  onClick={() => onChange({ [name]: "" })}
                >
                  {words}
                </Button>
              </li>
            );
          })}
        </ul>
      </div>
    </EmptyState>
  );
}

function NoEvents() {
  const t = eventsText.value;
  return (
    <EmptyState
      icon="events"
      title={t.empty}
      actions={
        <Button kind="primary" icon="plus" href={hrefOf("/machines", { add: "1" })}>
          {t.addMachine}
        </Button>
      }
    >
      {t.emptyText}
    </EmptyState>
  );
}
