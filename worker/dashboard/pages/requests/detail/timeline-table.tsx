import type { AttemptView } from "../../../../../shared/api/requests.ts";
import { fmt } from "../../../lib/fmt.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { Name } from "../../../ui/name.tsx";
import { machineName } from "../names.ts";
import type { Waterfall } from "../waterfall.ts";

/** The numbers of the picture. */
export function TimelineTable({
  waterfall,
  tries,
}: {
  waterfall: Waterfall;
  tries: readonly Pick<AttemptView, "agent_id" | "agent_name">[];
}) {
  const t = requestsText.value;
  const rows = waterfall.lanes.flatMap((lane) =>
    lane.steps.map((step) => ({ ...step, attempt: lane.attempt })),
  );
  return (
    <div class="requests-scroll" role="region" aria-label={t.detail.table} tabIndex={0}>
      <table class="requests-steps">
        <caption class="sr-only">{t.detail.table}</caption>
        <thead>
          <tr>
            <th scope="col">{t.detail.step}</th>
            <th scope="col">{t.column.machine}</th>
            <th scope="col" class="num">
              {t.detail.begins}
            </th>
            <th scope="col" class="num">
              {t.detail.takes}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => {
            const one = row.attempt === undefined ? undefined : tries[row.attempt];
            const isWait = row.kind === "prepare" || row.kind === "queue";
            return (
              // Steps have no other name than their place.
              <tr key={at}>
                <th scope="row">
                  <span class={`timeline-swatch step-${row.kind}`} aria-hidden="true" />
                  {t.step[row.kind].name}
                  <span class="muted small requests-hint">{t.step[row.kind].hint}</span>
                </th>
                <td>
                  {one !== undefined && !isWait && <Name value={machineName(one.agent_id, one.agent_name)} />}
                </td>
                <td class="num">{fmt.duration(row.from)}</td>
                <td class="num">{fmt.duration(row.to - row.from)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
