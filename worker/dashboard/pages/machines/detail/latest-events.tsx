import { feed } from "../../../lib/feed.ts";
import { usePages } from "../../../lib/pages.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { StatusDot } from "../../../ui/badge.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { kindWords, toneOf } from "../../events/event-words.ts";
import { latest } from "./latest.ts";
import { LatestCard } from "./latest-card.tsx";

export function LatestEvents({ id }: { id: string }) {
  const t = machinesText.value.activity;
  const asked = usePages("GET /api/admin/events", { agent_id: id, limit: 10 }, [id]);
  const rows = latest(feed.events.value, asked.items, id);
  return (
    <LatestCard title={t.events} id={id} list="/events" asked={asked} isEmpty={rows.length === 0}>
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
    </LatestCard>
  );
}
