import type { AgentView } from "../../../../../shared/api/agents.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Name } from "../../../ui/name.tsx";
import { EmptyState } from "../../../ui/states.tsx";
import { Table } from "../../../ui/table.tsx";
import { type MachineModel, modelsOf } from "./machine-models.ts";

/** What is on its disk, what is in its memory. */
export function ModelsCard({ machine }: { machine: Pick<AgentView, "models" | "loaded"> }) {
  const t = machinesText.value.models;
  const rows = modelsOf(machine);
  return (
    <Card title={`${t.title} (${fmt.count(rows.length)})`} flush>
      <Table
        label={t.title}
        height="420px"
        columns={[
          {
            id: "name",
            header: t.name,
            width: "42%",
            sort: ({ name }) => name,
            cell: ({ name }) => <Name value={name} strong />,
          },
          {
            id: "size",
            header: t.size,
            width: "18%",
            numeric: true,
            sort: ({ size }) => size,
            cell: ({ size }) => fmt.bytes(size),
          },
          {
            id: "loaded",
            header: t.loaded,
            width: "22%",
            sort: ({ loaded }) => (loaded ? 0 : 1),
            cell: (model) => <Loaded model={model} />,
          },
          {
            id: "digest",
            header: t.digest,
            width: "18%",
            wide: true,
            cell: ({ digest }) => <Name value={digest?.slice(0, 12)} mono />,
          },
        ]}
        rows={rows}
        keyOf={({ name }) => name}
        hrefOf={({ name }) => hrefOf("/models", { model: name })}
        empty={
          <EmptyState
            icon="models"
            title={t.none}
            actions={<Button href={hrefOf("/models")}>{t.noneLink}</Button>}
          >
            {t.noneHint}
          </EmptyState>
        }
      />
    </Card>
  );
}

function Loaded({ model }: { model: MachineModel }) {
  const t = machinesText.value.models;
  if (!model.loaded) return <span class="muted">{t.notLoaded}</span>;
  const facts = [
    model.vram === null ? "" : t.vram(fmt.bytes(model.vram)),
    model.context === null ? "" : t.context(fmt.count(model.context)),
  ];
  return (
    <Badge tone="accent" title={facts.filter((fact) => fact !== "").join(", ")}>
      {t.loaded}
    </Badge>
  );
}
