import type { ModelView } from "../../../../../shared/api/models.ts";
import { agentsById } from "../../../lib/feed.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { modelsText } from "../../../text/models/index.ts";
import { Badge, StatusDot } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { Table } from "../../../ui/table.tsx";
import { type Fitness, fitnessOf } from "../pull/candidates.ts";

type Copy = ModelView["agents"][number];

/** A row for each machine that has the model. */
export function CopiesCard({ model, onDelete }: { model: ModelView; onDelete: (copy: Copy) => void }) {
  const t = modelsText.value.detail;
  return (
    <Card title={`${t.machines} (${fmt.count(model.agents.length)})`} flush>
      <Table
        label={t.machines}
        height="480px"
        rows={model.agents}
        keyOf={({ id }) => id}
        hrefOf={({ id }) => hrefOf(`/machines/${id}`)}
        sort={{ column: "machine", down: false }}
        columns={[
          {
            id: "machine",
            header: t.machine,
            width: "26%",
            sort: ({ name }) => name,
            cell: ({ id, name }) => (
              <a class="models-link" href={hrefOf(`/machines/${id}`)} tabIndex={-1}>
                <Name value={name} strong />
              </a>
            ),
          },
          {
            id: "state",
            header: t.state,
            width: "13%",
            sort: ({ online }) => (online ? 0 : 1),
            cell: ({ online }) => (
              <StatusDot tone={online ? "ok" : "off"}>{online ? t.online : t.offline}</StatusDot>
            ),
          },
          {
            id: "loaded",
            header: t.loaded,
            width: "24%",
            sort: ({ loaded }) => (loaded ? 0 : 1),
            cell: (copy) => <InMemory copy={copy} />,
          },
          {
            id: "size",
            header: t.size,
            width: "11%",
            numeric: true,
            sort: ({ size }) => size,
            cell: ({ size }) => fmt.bytes(size),
          },
          {
            id: "digest",
            header: t.digest,
            width: "14%",
            sort: ({ digest }) => digest,
            cell: ({ digest }) => (
              <span
                class={model.conflict && digest !== model.digest ? "mono small models-differs" : "mono small"}
                title={digest === null ? undefined : harmless(digest)}
              >
                {digest === null ? "–" : harmless(digest.slice(0, 12))}
              </span>
            ),
          },
          {
            id: "delete",
            header: t.remove,
            width: "12%",
            numeric: true,
            cell: (copy) => <Delete copy={copy} onDelete={onDelete} />,
          },
        ]}
        empty={<p class="muted models-inset">{t.noCopies}</p>}
      />
    </Card>
  );
}

function InMemory({ copy }: { copy: Copy }) {
  const t = modelsText.value.detail;
  if (!copy.loaded) return <span class="muted">{t.notLoaded}</span>;
  const facts = [
    copy.size_vram === null ? "" : t.vram(fmt.bytes(copy.size_vram)),
    copy.context_length === null ? "" : t.context(fmt.count(copy.context_length)),
  ].filter((fact) => fact !== "");
  return <Badge tone="accent">{facts.length === 0 ? t.loaded : facts.join(", ")}</Badge>;
}

function Delete({ copy, onDelete }: { copy: Copy; onDelete: (copy: Copy) => void }) {
  const t = modelsText.value.detail;
  const agent = agentsById.value.get(copy.id);
  const fitness: Fitness = agent === undefined ? "offline" : fitnessOf(agent);
  const why = {
    ok: undefined,
    offline: t.offlineReason,
    forbidden: t.forbidden,
    yielding: t.yieldingReason,
  }[fitness];
  return (
    <Button
      size="sm"
      icon="trash"
      label={t.removeFrom(harmless(copy.name, 100))}
      title={why}
      disabled={fitness !== "ok"}
      onClick={() => onDelete(copy)}
      changes
    />
  );
}
