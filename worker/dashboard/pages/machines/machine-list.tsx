import { useComputed } from "@preact/signals";
import { feed } from "../../lib/feed.ts";
import { hrefOf, queryValue, setQuery } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { machinesText } from "../../text/machines/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { sortOf, sortText } from "../../ui/sort.ts";
import { EmptyState, Skeleton } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { AddMachine } from "./add/add-machine.tsx";
import { COLUMN_IDS, machineColumns } from "./machine-columns.tsx";
import { filterMachines } from "./machine-filter.ts";
import { MachineFilters } from "./machine-filters.tsx";
import { PairDialog } from "./waiting/pair-dialog.tsx";
import { WaitingMachines } from "./waiting/waiting-machines.tsx";

const search = queryValue("q");
const state = queryValue("state");
const tag = queryValue("tag");
const sort = queryValue("sort");
const pair = queryValue("pair");
const add = queryValue("add");

const startPairing = (): void => setQuery({ pair: "1", add: null });
const startAdding = (): void => setQuery({ add: "pairing", pair: null });
const clear = (): void => setQuery({ q: null, state: null, tag: null });

export function MachineList() {
  const t = machinesText.value;
  return (
    <>
      <PageHeader
        title={common.value.nav.machines}
        subtitle={<Summary />}
        actions={
          <>
            <Button icon="check" onClick={startPairing} changes>
              {t.add.typeCode}
            </Button>
            <Button kind="primary" icon="plus" onClick={startAdding}>
              {t.add.title}
            </Button>
          </>
        }
      />
      <div class="stack">
        <WaitingMachines onApprove={startPairing} />
        <Machines />
      </div>
      {pair.value !== "" && <PairDialog onClose={() => setQuery({ pair: null })} />}
      {add.value !== "" && (
        <AddMachine
          way={add.value === "token" ? "token" : "pairing"}
          onWay={(way) => setQuery({ add: way })}
          onPair={startPairing}
          onClose={() => setQuery({ add: null })}
        />
      )}
    </>
  );
}

function Summary() {
  if (!feed.ready.value || feed.agents.value.length === 0) return null;
  const ready = feed.agents.value.filter(({ routable }) => routable).length;
  return <>{machinesText.value.subtitle(ready, feed.agents.value.length)}</>;
}

function Machines() {
  const t = machinesText.value;
  const shown = useComputed(() =>
    filterMachines(feed.agents.value, { text: search.value, state: state.value, tag: tag.value }),
  );
  if (!feed.ready.value) return <Skeleton lines={8} />;
  if (feed.agents.value.length === 0) {
    return (
      <EmptyState
        icon="machines"
        title={t.empty}
        actions={
          <Button kind="primary" icon="plus" onClick={startAdding}>
            {t.add.title}
          </Button>
        }
      >
        {t.emptyHint}
      </EmptyState>
    );
  }
  return (
    <>
      <MachineFilters shown={shown.value.length} onClear={clear} />
      <div class="machines-table">
        <Table
          label={t.table}
          columns={machineColumns.value}
          rows={shown.value}
          keyOf={({ id }) => id}
          hrefOf={({ id }) => hrefOf(`/machines/${id}`)}
          sort={sortOf(sort.peek(), COLUMN_IDS) ?? { column: "name", down: false }}
          onSort={(chosen) => setQuery({ sort: sortText(chosen) })}
          rowClass={({ status }) => (status === "offline" ? "machines-off" : undefined)}
          empty={
            <EmptyState
              icon="filter"
              title={t.filter.none}
              actions={<Button onClick={clear}>{t.filter.clear}</Button>}
            >
              {t.filter.noneHint}
            </EmptyState>
          }
        />
      </div>
    </>
  );
}
