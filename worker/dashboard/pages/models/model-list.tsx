import { useMemo } from "preact/hooks";
import type { ModelView } from "../../../../shared/api/models.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import type { Resource } from "../../lib/resource.ts";
import { hrefOf, queryValue, setQuery } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { modelsText } from "../../text/models/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { sortOf, sortText } from "../../ui/sort.ts";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { COLUMN_IDS, modelColumns } from "./model-columns.tsx";
import { filterModels, isShow, SHOWS } from "./model-filter.ts";
import { PullsCard } from "./pull/pulls-card.tsx";

const search = queryValue("q");
const show = queryValue("show");
const sort = queryValue("sort");

const clear = (): void => setQuery({ q: null, show: null });

export function ModelList({ models }: { models: Resource<readonly ModelView[]> }) {
  const t = modelsText.value;
  const all = models.data;
  return (
    <>
      <PageHeader
        title={common.value.nav.models}
        subtitle={
          all === undefined || all.length === 0 ? undefined : t.subtitle(all.length, feed.agents.value.length)
        }
        actions={
          <Button kind="primary" icon="download" onClick={() => setQuery({ pull: "1" })} changes>
            {t.pull.title}
          </Button>
        }
      />
      <div class="stack">
        <PullsCard />
        {all === undefined && models.error !== undefined && (
          <ErrorState error={models.error} retry={models.reload} />
        )}
        {all === undefined && models.error === undefined && <Skeleton lines={8} />}
        {all !== undefined && (all.length === 0 ? <Nothing /> : <Models all={all} />)}
      </div>
    </>
  );
}

function Nothing() {
  const t = modelsText.value;
  const noMachines = feed.ready.value && feed.agents.value.length === 0;
  return (
    <EmptyState
      icon="models"
      title={t.empty}
      actions={
        noMachines ? (
          <Button kind="primary" icon="plus" href={hrefOf("/machines", { add: "pairing" })}>
            {t.addMachine}
          </Button>
        ) : (
          <Button kind="primary" icon="download" onClick={() => setQuery({ pull: "1" })} changes>
            {t.pull.title}
          </Button>
        )
      }
    >
      {noMachines ? t.emptyNoMachines : t.emptyHint}
    </EmptyState>
  );
}

function Models({ all }: { all: readonly ModelView[] }) {
  const t = modelsText.value;
  const [text, chosen] = [search.value, show.value];
  const shown = useMemo(() => filterModels(all, { text, show: chosen }), [all, text, chosen]);
  return (
    <>
      <div class="models-filters">
        <input
          class="input"
          type="search"
          value={search.value}
          placeholder={t.filter.search}
          aria-label={t.filter.search}
          title={t.filter.searchHint}
          spellcheck={false}
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
        <select
          class="input"
          aria-label={t.filter.show}
          value={isShow(show.value) ? show.value : ""}
          onChange={(event) => setQuery({ show: event.currentTarget.value })}
        >
          <option value="">{t.filter.all}</option>
          {SHOWS.map((one) => (
            <option key={one} value={one}>
              {t.filter.shows[one]}
            </option>
          ))}
        </select>
        <span class="muted small" role="status">
          {t.filter.count(fmt.count(shown.length), fmt.count(all.length))}
        </span>
        {(search.value !== "" || show.value !== "") && (
          <Button kind="ghost" size="sm" icon="close" onClick={clear}>
            {t.filter.clear}
          </Button>
        )}
      </div>
      <Table
        label={t.table}
        columns={modelColumns.value}
        rows={shown}
        keyOf={({ name }) => name}
        hrefOf={({ name }) => hrefOf("/models", { model: name })}
        sort={sortOf(sort.peek(), COLUMN_IDS) ?? { column: "name", down: false }}
        onSort={(chosen) => setQuery({ sort: sortText(chosen) })}
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
    </>
  );
}
