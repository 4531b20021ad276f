import { EVENT_KINDS } from "../../../../shared/api/event-kinds.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { eventsText } from "../../text/events/index.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { Choice, withOwn } from "../../ui/choice.tsx";
import { CommitInput } from "../../ui/commit-input.tsx";
import { harmless } from "../../ui/harmless.ts";
import { machineName, machines } from "../requests/names.ts";
import { TimeChoice } from "../requests/time-choice.tsx";
import { type FilterName, type Filters, held } from "./event-filter.ts";
import { kindWords } from "./event-words.ts";

const byWords = (): [string, string][] =>
  EVENT_KINDS.map((kind): [string, string] => [kind, kindWords(kind)]).sort(([, a], [, b]) =>
    a.localeCompare(b),
  );

export function EventFilters({
  filters,
  onChange,
}: {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}) {
  const t = eventsText.value.filter;
  const actors = [...new Set(feed.events.value.flatMap(({ actor }) => (actor === null ? [] : [actor])))];
  return (
    <div class="requests-filters" role="search" aria-label={t.label}>
      <Choice
        label={t.kind}
        any={t.anyKind}
        value={filters.kind}
        pairs={withOwn(byWords(), filters.kind)}
        onChange={(kind) => onChange({ kind })}
      />
      <Choice
        label={t.machine}
        any={t.anyMachine}
        value={filters.agent_id}
        pairs={withOwn(machines.value, filters.agent_id)}
        onChange={(agent_id) => onChange({ agent_id })}
      />
      <CommitInput
        value={filters.actor}
        label={t.actor}
        placeholder={t.anyActor}
        list="event-actors"
        onCommit={(actor) => onChange({ actor })}
      />
      <datalist id="event-actors">
        {actors.map((actor) => (
          <option key={actor} value={actor} />
        ))}
      </datalist>
      <TimeChoice filters={filters} onChange={onChange} />
      {held(filters).length > 0 && (
        <Button kind="ghost" size="sm" icon="close" onClick={() => onChange(CLEARED)}>
          {t.clear}
        </Button>
      )}
    </div>
  );
}

export const CLEARED: Filters = { kind: "", agent_id: "", actor: "", last: "", from: "", to: "" };

/** What a filter says, in words. */
export function filterWords(name: FilterName, filters: Filters): string {
  const t = eventsText.value.filter;
  const value = filters[name];
  switch (name) {
    case "kind":
      return `${t.kind}: ${kindWords(value)}`;
    case "agent_id":
      return `${t.machine}: ${harmless(machineName(value) ?? value)}`;
    case "actor":
      return `${t.actor}: ${harmless(value)}`;
    case "last":
      return filters.last === "" ? "" : requestsText.value.filter.last[filters.last];
    case "from":
    case "to":
      return `${t[name]}: ${fmt.dateTime(value)}`;
  }
}
