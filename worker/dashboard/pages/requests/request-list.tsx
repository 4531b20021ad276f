import { clockOffset } from "../../lib/clock.ts";
import { useCommands } from "../../lib/commands.ts";
import { query, setQuery } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { HistoryView } from "./history-view.tsx";
import { LiveView } from "./live-view.tsx";
import { useKeys } from "./names.ts";
import { exportHref, FILTER_NAMES, type Filters, filtersOf, held, queryOf } from "./request-filter.ts";

const VIEWS = ["live", "history"] as const;
const FORMATS = ["csv", "ndjson"] as const;

/** Requests as they come, or as they were. */
export function RequestList() {
  const t = requestsText.value;
  const filters = filtersOf(query.value);
  const wanted = query.value.get("view");
  // A link with filters and nothing else means what was.
  const view = VIEWS.find((one) => one === wanted) ?? (held(filters).length > 0 ? "history" : "live");
  const keys = useKeys();
  const change = (some: Partial<Filters>): void => setQuery({ view, ...queryOf(some) });
  const remove = (names: readonly string[]): void =>
    change(Object.fromEntries(names.map((name) => [name, ""])));
  // At the moment of the click: "the last hour" is that of now.
  const hrefNow = (format: "csv" | "ndjson"): string =>
    exportHref(filtersOf(query.peek()), format, Date.now() + clockOffset.peek());
  useCommands(
    () => [
      ...FORMATS.map((format) => ({
        id: `requests-export-${format}`,
        label: t.export.command(t.export[format]),
        icon: "download" as const,
        run: () => download(hrefNow(format)),
      })),
      {
        id: "requests-clear",
        label: t.filter.clear,
        icon: "filter",
        run: () => setQuery(queryOf(Object.fromEntries(FILTER_NAMES.map((name) => [name, ""])))),
      },
    ],
    [t],
  );
  return (
    <>
      <PageHeader
        title={common.value.nav.requests}
        actions={FORMATS.map((format) => (
          <Button
            key={format}
            icon="download"
            href={hrefNow(format)}
            download
            label={t.export.command(t.export[format])}
            title={t.export[`${format}Title`]}
            onClick={(event) => {
              if (event.currentTarget instanceof HTMLAnchorElement)
                event.currentTarget.href = hrefNow(format);
            }}
          >
            {t.export[format]}
          </Button>
        ))}
      />
      <FilterBar filters={filters} keys={keys} timed={view === "history"} onChange={change} />
      <Tabs
        label={t.view.label}
        tabs={VIEWS.map((id) => ({ id, label: t.view[id] }))}
        selected={view}
        onSelect={(id) => setQuery({ view: id })}
      >
        {view === "live" ? (
          <LiveView filters={filters} keys={keys} onRemove={remove} />
        ) : (
          // Rows of other filters must not stand under these while the new ones are on their way, or do not come.
          <HistoryView key={JSON.stringify(filters)} filters={filters} keys={keys} onRemove={remove} />
        )}
      </Tabs>
    </>
  );
}

/** The browser saves it, with the session's cookie; the page stays. */
function download(href: string): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
