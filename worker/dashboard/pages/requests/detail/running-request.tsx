import { useRef } from "preact/hooks";
import type { FeedRunning } from "../../../../../shared/api/feed.ts";
import { coordinatorNow } from "../../../lib/clock.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { Card, Facts } from "../../../ui/card.tsx";
import { Name } from "../../../ui/name.tsx";
import { Notice } from "../../../ui/states.tsx";
import { machineName } from "../names.ts";
import { reasonWords, Status } from "../status.tsx";
import type { Lane, Step } from "../waterfall.ts";
import { Timeline } from "./timeline.tsx";

/** What is known of a request while it runs: the page has seen itself when it went on, from the moment it was opened. */
export function RunningRequest({ row, note }: { row: FeedRunning; note: string }) {
  const t = requestsText.value;
  const f = t.detail.fact;
  const now = Math.max(0, coordinatorNow() - Date.parse(row.at));
  const seen = useRef<{ state: FeedRunning["state"]; since: number }[]>([]);
  if (seen.current.at(-1)?.state !== row.state) seen.current.push({ state: row.state, since: now });
  // The clock of the page moves by seconds: before the first one there is nothing to measure.
  const total = Math.max(now, LEAST_MS);
  const { agent_id } = row;
  const words = reasonWords(row.reason);
  return (
    <div class="stack">
      <Notice>{note}</Notice>
      <Card title={t.detail.waterfall}>
        <Timeline
          moving
          waterfall={{ total, lanes: [laneOf(seen.current, now, agent_id !== null)] }}
          tries={[{ agent_id, agent_name: null, error_code: null }]}
        />
      </Card>
      <Card title={t.detail.facts}>
        <Facts
          items={[
            [f.state, <Status key="state" row={row} />],
            [f.at, fmt.dateTime(row.at)],
            [f.duration, fmt.duration(now)],
            [f.endpoint, <Name key="endpoint" value={row.endpoint} mono />],
            [f.key, <Name key="key" value={row.key_name} fallback={t.noKey} />],
            [
              f.machine,
              agent_id === null ? (
                t.noMachine
              ) : (
                <a key="machine" href={hrefOf(`/machines/${encodeURIComponent(agent_id)}`)}>
                  <Name value={machineName(agent_id)} />
                </a>
              ),
            ],
            [f.reason, words?.long ?? "–"],
          ]}
        />
      </Card>
    </div>
  );
}

const LEAST_MS = 1_000;
const KIND = { waiting: "queue", running: "dispatch", streaming: "stream" } as const;

/** What was before the page was opened is counted to the state that it was first seen in. */
function laneOf(
  seen: readonly { state: FeedRunning["state"]; since: number }[],
  now: number,
  hasMachine: boolean,
): Lane {
  const steps: Step[] = [];
  for (const [at, { state, since }] of seen.entries()) {
    const from = at === 0 ? 0 : Math.min(since, now);
    const to = Math.min(seen[at + 1]?.since ?? now, now);
    const before = steps.findIndex(({ kind }) => kind === KIND[state]);
    // One that lost its machine waits again; the same step twice is one that goes on.
    if (before !== -1) steps.length = before;
    steps.push({
      kind: KIND[state],
      from: before === -1 ? from : (steps.at(-1)?.to ?? 0),
      to: Math.max(from, to),
    });
  }
  const stream = steps.findIndex(({ kind }) => kind === "stream");
  // Where it streamed already nobody knows when that began.
  return {
    attempt: hasMachine ? 0 : undefined,
    steps,
    firstByte: stream > 0 ? (steps[stream]?.from ?? null) : null,
  };
}
