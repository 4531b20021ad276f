import "./overview.css";
import { computed } from "@preact/signals";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { overviewText } from "../../text/overview/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { EmptyState, Skeleton } from "../../ui/states.tsx";
import { Figures } from "./figures.tsx";
import { MachineTile } from "./machine-tile.tsx";
import { ProblemList } from "./problem-list.tsx";
import { tilesOf } from "./problems.ts";

const online = computed(() => feed.agents.value.filter(({ status }) => status === "online").length);

/** Everything at one look: what is wrong, how much is going on, and where. */
export default function OverviewPage() {
  const t = overviewText.value;
  const title = common.value.nav.overview;
  if (!feed.ready.value) {
    return (
      <>
        <PageHeader title={title} />
        <Skeleton lines={8} />
      </>
    );
  }
  const isEmpty = feed.agents.value.length === 0;
  return (
    <>
      <PageHeader
        title={title}
        subtitle={
          isEmpty
            ? undefined
            : t.machines.online(fmt.count(online.value), fmt.count(feed.agents.value.length))
        }
      />
      <div class="stack stack-lg">
        {isEmpty ? <FirstMachine /> : <ProblemList />}
        {!isEmpty && <Figures />}
        {!isEmpty && <Machines />}
      </div>
    </>
  );
}

function FirstMachine() {
  const t = overviewText.value.empty;
  return (
    <>
      {feed.pairings.value.length > 0 && <ProblemList />}
      <EmptyState
        icon="machines"
        title={t.title}
        actions={
          <Button kind="primary" icon="plus" href={hrefOf("/machines", { add: "1" })}>
            {t.add}
          </Button>
        }
      >
        <p>{t.text}</p>
        <p>{t.playground}</p>
      </EmptyState>
    </>
  );
}

function Machines() {
  const t = overviewText.value.machines;
  const all = feed.agents.value;
  const tiles = tilesOf(all);
  return (
    <section aria-labelledby="overview-machines">
      <div class="row row-between section-head">
        <h2 id="overview-machines">
          {t.title}
          {tiles.length < all.length && (
            <span class="muted small"> {t.busiest(fmt.count(tiles.length))}</span>
          )}
        </h2>
        <a href={hrefOf("/machines")}>{t.all(all.length, fmt.count(all.length))}</a>
      </div>
      <ul class="tiles">
        {tiles.map((agent) => (
          <MachineTile key={agent.id} agent={agent} />
        ))}
      </ul>
    </section>
  );
}
