import { useComputed } from "@preact/signals";
import { call } from "../../../lib/api.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { agentsById, revision } from "../../../lib/feed.ts";
import { useResource } from "../../../lib/resource.ts";
import { hrefOf } from "../../../lib/router.ts";
import { common } from "../../../text/common/index.ts";
import { machinesText } from "../../../text/machines/index.ts";
import { Button } from "../../../ui/button.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states.tsx";
import { BreakersCard } from "./breakers-card.tsx";
import { FactsCard } from "./facts-card.tsx";
import { HistoryCharts } from "./history-charts.tsx";
import { LatestEvents } from "./latest-events.tsx";
import { LatestRequests } from "./latest-requests.tsx";
import { MachineHead } from "./machine-head.tsx";
import { ModelsCard } from "./models-card.tsx";
import { withFeed } from "./with-feed.ts";

const models = revision("models");
/** How often it is asked for at least, ms: the feed says nothing of single GPUs and of the disk. */
const EVERY_MS = 15_000;

/** One machine: how it is, what it has, what it did, and what can be done with it. */
export function MachineDetail({ id }: { id: string }) {
  const told = useComputed(() => agentsById.value.get(id));
  // The feed says by the second how busy it is; the rest is asked for when something of it has changed.
  const turn = useComputed(() => {
    const agent = told.value;
    if (agent === undefined) return "";
    const { name, tags, note, weight, max_concurrency, status, allow_manage, loaded, breakers } = agent;
    return JSON.stringify([
      name,
      tags,
      note,
      weight,
      max_concurrency,
      status,
      allow_manage,
      agent.models,
      loaded,
      breakers,
    ]);
  });
  const again = useComputed(() => Math.floor(coordinatorNow() / EVERY_MS));
  const asked = useResource(
    (signal) => call("GET /api/agents/{id}", { params: { id }, signal }),
    [id, turn.value, models.value, again.value],
  );
  const known = asked.data;
  // One that is removed leaves the feed, and is then asked for once more.
  if (asked.error?.status === 404) return <Gone />;
  if (known === undefined) {
    return (
      <>
        <PageHeader title={common.value.nav.machines} />
        {asked.error === undefined ? (
          <Skeleton lines={8} />
        ) : (
          <ErrorState error={asked.error} retry={asked.reload} />
        )}
      </>
    );
  }
  const machine = withFeed(known, told.value);
  return (
    <>
      <MachineHead machine={machine} onChanged={asked.reload} />
      <div class="stack">
        <BreakersCard breakers={machine.breakers} />
        <div class="machines-columns">
          <FactsCard machine={machine} />
          <ModelsCard machine={machine} />
        </div>
        <HistoryCharts id={id} />
        <div class="machines-columns">
          <LatestRequests id={id} />
          <LatestEvents id={id} />
        </div>
      </div>
    </>
  );
}

function Gone() {
  const t = machinesText.value.detail;
  return (
    <>
      <PageHeader title={t.gone} />
      <EmptyState
        icon="machines"
        title={t.gone}
        actions={<Button href={hrefOf("/machines")}>{t.back}</Button>}
      >
        {t.goneHint}
      </EmptyState>
    </>
  );
}
