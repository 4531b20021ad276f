import type { RequestView } from "../../../../../shared/api/requests.ts";
import { feed } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { usePages } from "../../../lib/pages.ts";
import { hrefOf } from "../../../lib/router.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { RelativeTime } from "../../../ui/relative-time.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { latest } from "./latest.ts";
import { LatestCard } from "./latest-card.tsx";

export function LatestRequests({ id }: { id: string }) {
  const t = machinesText.value.activity;
  const asked = usePages("GET /api/admin/requests", { agent_id: id, limit: 10 }, [id]);
  const rows = latest(feed.requests.value, asked.items, id);
  return (
    <LatestCard title={t.requests} id={id} list="/requests" asked={asked} isEmpty={rows.length === 0}>
      <Table
        label={t.requests}
        rows={rows}
        rowHeight={36}
        keyOf={(row) => row.id}
        hrefOf={(row) => hrefOf(`/requests/${row.id}`)}
        columns={[
          { id: "at", header: t.at, width: "24%", cell: ({ at }) => <RelativeTime at={at} /> },
          { id: "model", header: t.model, width: "34%", cell: ({ model }) => <Name value={model} /> },
          { id: "status", header: t.status, width: "22%", cell: (row) => <Status row={row} /> },
          {
            id: "duration",
            header: t.duration,
            width: "20%",
            numeric: true,
            cell: (row) => fmt.duration(row.duration_ms),
          },
        ]}
        empty={
          <EmptyState icon="requests" title={t.noRequests}>
            {t.noRequestsHint}
          </EmptyState>
        }
      />
    </LatestCard>
  );
}

function Status({ row }: { row: RequestView }) {
  const tone = row.status >= 500 ? "bad" : row.status >= 400 ? "warn" : "ok";
  return (
    <Badge tone={tone} title={row.error_code === null ? undefined : harmless(row.error_code)}>
      {row.status}
    </Badge>
  );
}
