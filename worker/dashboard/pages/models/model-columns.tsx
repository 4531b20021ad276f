import { computed } from "@preact/signals";
import type { ModelView } from "../../../../shared/api/models.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { modelsText } from "../../text/models/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import type { Column } from "../../ui/table.tsx";

export const COLUMN_IDS = ["name", "size", "machines", "loaded", "placement", "state"] as const;

export const modelColumns = computed((): Column<ModelView>[] => {
  const t = modelsText.value;
  return [
    {
      id: "name",
      header: t.column.name,
      width: "30%",
      sort: ({ name }) => name,
      cell: ({ name }) => (
        <a class="models-link" href={hrefOf("/models", { model: name })} tabIndex={-1}>
          <Name value={name} strong />
        </a>
      ),
    },
    {
      id: "size",
      header: t.column.size,
      width: "10%",
      numeric: true,
      sort: ({ size }) => size,
      cell: ({ size }) => fmt.bytes(size),
    },
    {
      id: "machines",
      header: t.column.machines,
      width: "15%",
      numeric: true,
      sort: ({ agents }) => agents.length,
      cell: (model) => <Machines model={model} />,
    },
    {
      id: "loaded",
      header: t.column.loaded,
      width: "20%",
      sort: ({ agents }) => agents.find(({ loaded }) => loaded)?.name ?? null,
      cell: (model) => <LoadedOn model={model} />,
    },
    {
      id: "placement",
      header: t.column.placement,
      width: "12%",
      sort: ({ placement }) => placement?.replicas ?? null,
      cell: (model) => <Placed model={model} />,
    },
    {
      id: "state",
      header: t.column.state,
      width: "13%",
      sort: ({ conflict }) => (conflict ? 0 : 1),
      cell: ({ conflict }) =>
        conflict ? (
          <Badge tone="warn" title={t.conflictHint}>
            {t.conflict}
          </Badge>
        ) : (
          <span class="muted">{t.none}</span>
        ),
    },
  ];
});

function Machines({ model: { agents } }: { model: ModelView }) {
  const online = agents.filter((agent) => agent.online).length;
  return (
    <span
      title={agents
        .slice(0, 20)
        .map(({ name }) => harmless(name, 60))
        .join("\n")}
    >
      {modelsText.value.machines(fmt.count(online), fmt.count(agents.length))}
    </span>
  );
}

function LoadedOn({ model: { agents } }: { model: ModelView }) {
  const loaded = agents.filter((agent) => agent.loaded);
  const [first] = loaded;
  if (first === undefined) return <span class="muted">{modelsText.value.none}</span>;
  return (
    <span
      title={loaded
        .slice(0, 20)
        .map(({ name }) => harmless(name, 60))
        .join("\n")}
    >
      {loaded.length > 1 && <span class="muted">{fmt.count(loaded.length)} · </span>}
      <Name value={first.name} />
    </span>
  );
}

function Placed({ model: { placement } }: { model: ModelView }) {
  const t = modelsText.value;
  if (placement === null) return <span class="muted">{t.none}</span>;
  const { have, pulling, missing, problem } = placement.state;
  const tone = problem !== null ? "bad" : missing > 0 ? "warn" : pulling.length > 0 ? "info" : "ok";
  const words = [
    pulling.length > 0 ? t.pulling(fmt.count(pulling.length)) : "",
    missing > 0 ? t.missing(fmt.count(missing)) : "",
  ].filter((word) => word !== "");
  return (
    <Badge tone={tone} title={problem === null ? words.join(", ") || t.kept : harmless(problem)}>
      {fmt.count(have)} / {fmt.count(placement.replicas)}
      <span class="sr-only"> {words.join(", ") || t.kept}</span>
    </Badge>
  );
}
