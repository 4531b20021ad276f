import type { EventView } from "../../../../shared/api/events.ts";
import { agentsById } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { eventsText } from "../../text/events/index.ts";
import { Button } from "../../ui/button.tsx";
import { Facts } from "../../ui/card.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { harmless } from "../../ui/harmless.ts";
import { Name } from "../../ui/name.tsx";
import { Notice } from "../../ui/states.tsx";
import { differencesOf, otherDetails } from "./event-diff.ts";
import { isKnown, kindHint, kindWords } from "./event-words.ts";

/** One event with all that it tells. */
export function EventDialog({ event, onClose }: { event: EventView; onClose: () => void }) {
  const t = eventsText.value;
  const { kind, agent_id, detail } = event;
  const differences = differencesOf(detail);
  const others = otherDetails(detail);
  const hint = isKnown(kind) ? kindHint(kind) : t.dialog.unknown;
  const similar = (
    <Button href={hrefOf("/events", { kind })} icon="filter" onClick={onClose}>
      {t.dialog.similar}
    </Button>
  );
  return (
    <Dialog title={kindWords(kind)} onClose={onClose} size="lg" footer={similar}>
      {hint !== undefined && <Notice>{hint}</Notice>}
      <Facts
        items={[
          [t.column.at, fmt.dateTime(event.at)],
          [t.column.who, <Name key="who" value={event.actor} fallback={t.itself} />],
          ...(agent_id === null
            ? []
            : [[t.column.machine, <Machine key="machine" id={agent_id} />] as const]),
        ]}
      />
      {differences.length > 0 && (
        <section class="stack stack-sm">
          <h3>{t.dialog.changes}</h3>
          <div class="events-scroll" role="region" aria-label={t.dialog.changes} tabIndex={0}>
            <table class="events-diff">
              <thead>
                <tr>
                  <th scope="col">{t.dialog.field}</th>
                  <th scope="col">{t.dialog.before}</th>
                  <th scope="col">{t.dialog.after}</th>
                </tr>
              </thead>
              <tbody>
                {differences.map(({ field, before, after }) => (
                  <tr key={field}>
                    <th scope="row" class="mono">
                      {harmless(field)}
                    </th>
                    <td>{before === undefined ? <Nothing /> : <del>{harmless(before)}</del>}</td>
                    <td>{after === undefined ? <Nothing /> : <ins>{harmless(after)}</ins>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {others.length > 0 && (
        <section class="stack stack-sm">
          <h3>{t.dialog.details}</h3>
          <dl class="events-details">
            {others.map(([name, value]) => (
              <div key={name}>
                <dt class="mono">{harmless(name, 100)}</dt>
                <dd>
                  <bdi>{harmless(value, 2_000)}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      {differences.length + others.length === 0 && <p class="muted">{t.dialog.noDetails}</p>}
    </Dialog>
  );
}

function Nothing() {
  return <span class="muted">{eventsText.value.dialog.nothing}</span>;
}

/** A machine that is gone has no page. */
export function Machine({ id }: { id: string }) {
  const name = agentsById.value.get(id)?.name;
  if (name === undefined) return <Name value={id} mono />;
  return (
    <a href={hrefOf(`/machines/${encodeURIComponent(id)}`)}>
      <Name value={name} />
    </a>
  );
}
