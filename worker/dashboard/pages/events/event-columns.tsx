import type { EventView } from "../../../../shared/api/events.ts";
import { agentsById } from "../../lib/feed.ts";
import { eventsText } from "../../text/events/index.ts";
import { StatusDot } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import type { Column } from "../../ui/table.tsx";
import { Moment } from "../requests/request-columns.tsx";
import { differencesOf, otherDetails, subjectOf } from "./event-diff.ts";
import { kindWords, toneOf } from "./event-words.ts";

/** Most changes that a row tells; its dialog has them all. */
const MOST_CHANGES = 3;

export function eventColumns(): Column<EventView>[] {
  const t = eventsText.value.column;
  return [
    { id: "at", header: t.at, width: "120px", cell: ({ at }) => <Moment at={at} /> },
    {
      id: "what",
      header: t.what,
      width: "26%",
      cell: ({ kind }) => (
        <StatusDot tone={toneOf(kind)} title={harmless(kind, 100)}>
          {kindWords(kind)}
        </StatusDot>
      ),
    },
    { id: "about", header: t.about, width: "20%", cell: (event) => <Name value={aboutOf(event)} strong /> },
    {
      id: "who",
      header: t.who,
      width: "14%",
      cell: ({ actor }) => <Name value={actor} fallback={eventsText.value.itself} />,
    },
    { id: "change", header: t.change, wide: true, cell: (event) => <Summary event={event} /> },
  ];
}

function aboutOf({ agent_id, detail }: EventView): string | null {
  const name = agent_id === null ? undefined : agentsById.value.get(agent_id)?.name;
  return name ?? subjectOf(detail) ?? agent_id;
}

/** What changed in a few words; of what is no change, its details. */
function Summary({ event: { detail } }: { event: EventView }) {
  const t = eventsText.value.dialog;
  const differences = differencesOf(detail);
  if (differences.length > 0) {
    const shown = differences.slice(0, MOST_CHANGES).map(({ field, before, after }) => {
      const [from, to] = [before ?? t.nothing, after ?? t.nothing];
      return `${harmless(field, 60)}: ${harmless(from, 40)} → ${harmless(to, 40)}`;
    });
    const more = differences.length - shown.length;
    return <span class="small">{`${shown.join(", ")}${more > 0 ? ` +${more}` : ""}`}</span>;
  }
  const told = otherDetails(detail)
    .filter(([name]) => name !== "id" && name !== "name")
    .slice(0, MOST_CHANGES);
  return (
    <span class="small muted">
      {told.map(([name, value]) => `${harmless(name, 40)}: ${harmless(value, 60)}`).join(", ")}
    </span>
  );
}
