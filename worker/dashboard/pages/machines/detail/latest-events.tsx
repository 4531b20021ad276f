import { feed } from "../../../lib/feed.ts";
import { usePages } from "../../../lib/pages.ts";
import { hrefOf } from "../../../lib/router.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { StatusDot } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { kindWords, toneOf } from "../../events/event-words.ts";
import { latest } from "./latest.ts";

export function LatestEvents({ id }: { id: string }) {
  const t = machinesText.value.activity;
  const asked = usePages("GET /api/admin/events", { agent_id: id, limit: 10 }, [id]);
  const rows = latest(feed.events.value, asked.items, id);
  return (
    <Card
      title={t.events}
      flush
      actions={
        <Button
          size="sm"
          kind="ghost"
          href={hrefOf("/events", { agent_id: id })}
          label={`${t.all}: ${t.events}`}
        >
          {t.all}
        </Button>
      }
    >
      {rows.length === 0 && asked.error !== undefined && (
        <ErrorState error={asked.error} retry={asked.reload} />
      )}
      {rows.length === 0 && asked.loading && (
        <div class="machines-inset">
          <Skeleton lines={3} />
        </div>
      )}
      {(rows.length > 0 || (!asked.loading && asked.error === undefined)) && (
        <Table
          label={t.events}
          rows={rows}
          rowHeight={36}
          keyOf={(row) => row.id}
          columns={[
            { id: "at", header: t.at, width: "25%", cell: ({ at }) => <RelativeTime at={at} /> },
            {
              id: "what",
              header: t.what,
              width: "45%",
              cell: ({ kind }) => (
                <StatusDot tone={toneOf(kind)} title={harmless(kind, 100)}>
                  <span class="name">{kindWords(kind)}</span>
                </StatusDot>
              ),
            },
            {
              id: "who",
              header: t.who,
              width: "30%",
              cell: ({ actor }) => <Name value={actor} fallback={t.itself} />,
            },
          ]}
          empty={<EmptyState icon="events" title={t.noEvents} />}
        />
      )}
    </Card>
  );
}
