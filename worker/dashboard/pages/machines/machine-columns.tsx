import { computed } from "@preact/signals";
import type { FeedAgent } from "../../../../shared/api/feed.ts";
import { coordinatorNow } from "../../lib/clock.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { machinesText } from "../../text/machines/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import type { Column } from "../../ui/table.tsx";
import { Load } from "./load.tsx";
import { looksOf, stateOf } from "./machine-state.ts";
import { MachineState } from "./state-badge.tsx";

export const COLUMN_IDS = [
  "name",
  "state",
  "os",
  "ip",
  "ollama",
  "models",
  "loaded",
  "work",
  "cpu",
  "memory",
  "gpu",
  "speed",
  "uptime",
] as const;

/** What was measured last on a machine that is away says nothing of now. */
const live = <T,>(agent: FeedAgent, value: T): T | null => (agent.status === "online" ? value : null);

/** Anew only when the language changes: the rows come several times a second. */
export const machineColumns = computed((): Column<FeedAgent>[] => {
  const t = machinesText.value.column;
  return [
    {
      id: "name",
      header: t.name,
      width: "12%",
      sort: ({ name }) => name,
      cell: (agent) => (
        <span class="machine-name">
          <a href={hrefOf(`/machines/${agent.id}`)} tabIndex={-1}>
            <Name value={agent.name} strong />
          </a>
          {agent.tags.slice(0, 3).map((tag) => (
            <Badge key={tag} title={harmless(tag)}>
              {harmless(tag, 20)}
            </Badge>
          ))}
        </span>
      ),
    },
    {
      id: "state",
      header: t.state,
      width: "11.5%",
      sort: (agent) => looksOf(stateOf(agent)).rank,
      cell: (agent) => <MachineState agent={agent} />,
    },
    {
      id: "os",
      header: t.os,
      width: "5.5%",
      wide: true,
      sort: ({ os }) => os,
      // Its version is on the machine's own page.
      cell: ({ os }) => <Name value={os?.split(" ")[0] ?? null} />,
    },
    {
      id: "ip",
      header: t.ip,
      width: "9%",
      wide: true,
      sort: (agent) => agent.ip_address,
      cell: (agent) => <Name value={agent.ip_address} mono />,
    },
    {
      id: "ollama",
      header: t.ollama,
      width: "7%",
      wide: true,
      sort: (agent) => agent.ollama_version,
      cell: (agent) => <Name value={agent.ollama_version} />,
    },
    {
      id: "models",
      header: t.models,
      width: "6%",
      numeric: true,
      wide: true,
      sort: ({ models }) => models,
      cell: ({ models }) => fmt.count(models),
    },
    {
      id: "loaded",
      header: t.loaded,
      width: "13%",
      sort: (agent) => live(agent, agent.loaded)?.[0] ?? null,
      cell: (agent) => <Loaded names={live(agent, agent.loaded) ?? []} />,
    },
    {
      id: "work",
      header: t.work,
      width: "6.5%",
      numeric: true,
      sort: (agent) => agent.active_requests,
      cell: (agent) => <Work agent={agent} />,
    },
    {
      id: "cpu",
      header: t.cpu,
      width: "5.5%",
      numeric: true,
      sort: (agent) => live(agent, agent.cpu_usage),
      cell: (agent) => <Load value={live(agent, agent.cpu_usage)} />,
    },
    {
      id: "memory",
      header: t.memory,
      width: "6%",
      numeric: true,
      wide: true,
      sort: (agent) => live(agent, agent.memory_usage),
      cell: (agent) => <Load value={live(agent, agent.memory_usage)} />,
    },
    {
      id: "gpu",
      header: t.gpu,
      width: "5.5%",
      numeric: true,
      sort: (agent) => live(agent, agent.gpu_usage),
      cell: (agent) => (
        <Load
          value={live(agent, agent.gpu_usage)}
          title={agent.gpu_names.map((name) => harmless(name)).join(", ")}
        />
      ),
    },
    {
      id: "speed",
      header: t.speed,
      width: "6%",
      numeric: true,
      sort: (agent) => agent.tokens_per_second,
      cell: (agent) => fmt.decimal(agent.tokens_per_second),
    },
    {
      id: "uptime",
      header: t.uptime,
      width: "6.5%",
      numeric: true,
      wide: true,
      // The longest connection began first.
      sort: (agent) => (agent.connected_at === null ? null : -Date.parse(agent.connected_at)),
      cell: (agent) => <Uptime since={agent.connected_at} units={1} />,
    },
  ];
});

function Loaded({ names }: { names: readonly string[] }) {
  if (names.length === 0) return <span class="muted">–</span>;
  const [first] = names;
  return (
    <span class="machines-loaded" title={names.map((name) => harmless(name)).join("\n")}>
      <Name value={first} />
      {names.length > 1 && <span class="muted">+{fmt.count(names.length - 1)}</span>}
    </span>
  );
}

function Work({ agent }: { agent: FeedAgent }) {
  const t = machinesText.value;
  const { active_requests: active, max_concurrency: slots, queued_requests: queued } = agent;
  return (
    <span title={t.workTitle(fmt.count(active), fmt.count(slots), fmt.count(queued))}>
      {fmt.count(active)} / {fmt.count(slots)}
      {queued > 0 && <span class="muted"> {t.waitingCount(fmt.count(queued))}</span>}
    </span>
  );
}

/** By itself, so that the clock redraws nothing but this. */
export function Uptime({ since, units }: { since: string | null; units?: number }) {
  if (since === null) return <>–</>;
  return (
    <span title={fmt.dateTime(since)}>
      {fmt.span(Math.max(0, coordinatorNow() - Date.parse(since)), units)}
    </span>
  );
}
