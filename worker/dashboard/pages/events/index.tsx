import "../requests/requests.css";
import "./events.css";
import { useCommands } from "../../lib/commands.ts";
import { query, setQuery } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { eventsText } from "../../text/events/index.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { type Filters, filtersOf, queryOf } from "./event-filter.ts";
import { CLEARED, EventFilters } from "./event-filters.tsx";
import { EventList } from "./event-list.tsx";

/** What happened and who did it. */
export default function EventsPage() {
  const filters = filtersOf(query.value);
  const change = (some: Partial<Filters>): void => setQuery(queryOf(some));
  const label = eventsText.value.filter.command;
  useCommands(
    () => [{ id: "events-clear", label, icon: "filter", run: () => setQuery(queryOf(CLEARED)) }],
    [label],
  );
  return (
    <>
      <PageHeader title={common.value.nav.events} />
      <EventFilters filters={filters} onChange={change} />
      {/* Rows of other filters must not stand under these while the new ones are on their way, or do not come. */}
      <EventList key={JSON.stringify(filters)} filters={filters} onChange={change} />
    </>
  );
}
