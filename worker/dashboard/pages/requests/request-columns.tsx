import { computed } from "@preact/signals";
import { coordinatorNow } from "../../lib/clock.ts";
import { fmt } from "../../lib/fmt.ts";
import { language } from "../../lib/language.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Name } from "../../ui/name.tsx";
import type { Column } from "../../ui/table.tsx";
import { machineName } from "./names.ts";
import { isRunning, type Listed, reasonWords, Status } from "./status.tsx";
import { tokenRate } from "./waterfall.ts";

/** Anew only when the language changes: with others each row is drawn again, several times a second. */
export const requestColumns = computed((): Column<Listed>[] => {
  const t = requestsText.value;
  const c = t.column;
  return [
    { id: "at", header: c.at, width: "112px", cell: ({ at }) => <Moment at={at} /> },
    { id: "model", header: c.model, width: "13%", cell: ({ model }) => <Name value={model} strong /> },
    {
      id: "endpoint",
      header: c.endpoint,
      width: "9.5%",
      wide: true,
      cell: ({ endpoint }) => <Name value={endpoint} mono />,
    },
    { id: "machine", header: c.machine, width: "11%", cell: (row) => <Machine row={row} /> },
    {
      id: "key",
      header: c.key,
      width: "8%",
      wide: true,
      cell: ({ key_name }) => <Name value={key_name} />,
    },
    { id: "status", header: c.status, width: "11.5%", cell: (row) => <Status row={row} /> },
    {
      id: "queue",
      header: c.queue,
      width: "66px",
      numeric: true,
      wide: true,
      cell: (row) => (isRunning(row) ? null : fmt.duration(row.queue_ms)),
    },
    {
      id: "first",
      header: c.firstToken,
      width: "78px",
      numeric: true,
      wide: true,
      cell: (row) => (isRunning(row) ? null : fmt.duration(row.first_byte_ms)),
    },
    {
      id: "duration",
      header: c.duration,
      width: "78px",
      numeric: true,
      cell: (row) => (isRunning(row) ? <Elapsed at={row.at} /> : fmt.duration(row.duration_ms)),
    },
    {
      id: "tokens",
      header: c.tokens,
      width: "70px",
      numeric: true,
      cell: (row) => (isRunning(row) ? null : <Tokens row={row} />),
    },
    {
      id: "rate",
      header: c.rate,
      width: "60px",
      numeric: true,
      wide: true,
      cell: (row) => (isRunning(row) ? null : rateText(tokenRate(row))),
    },
    {
      id: "reason",
      header: c.reason,
      width: "98px",
      wide: true,
      cell: ({ reason }) => {
        const words = reasonWords(reason);
        return words === undefined ? null : <span title={words.long}>{words.short}</span>;
      },
    },
  ];
});

/** Short where it is large, as of embeddings. */
const rateText = (rate: number | null): string =>
  rate !== null && rate >= 1_000 ? fmt.compact(rate) : fmt.decimal(rate);

function Machine({ row }: { row: Listed }) {
  return <Name value={machineName(row.agent_id, isRunning(row) ? null : row.agent_name)} />;
}

function Tokens({ row }: { row: { prompt_tokens: number | null; completion_tokens: number | null } }) {
  const { prompt_tokens: prompt, completion_tokens: answer } = row;
  if (prompt === null && answer === null) return <span class="muted">–</span>;
  const title = requestsText.value.tokensTitle(fmt.count(prompt), fmt.count(answer));
  return (
    <span title={title}>
      {fmt.compact(prompt)} → {fmt.compact(answer)}
    </span>
  );
}

/** How long one that runs has been here. */
export function Elapsed({ at }: { at: string }) {
  return <span class="muted">{fmt.duration(Math.max(0, coordinatorNow() - Date.parse(at)))}</span>;
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** The time of a row: of today only the time of day. */
export function Moment({ at }: { at: string }) {
  const ms = Date.parse(at);
  const isToday = new Date(ms).toDateString() === new Date().toDateString();
  let day = dayFormats.get(language.value);
  if (day === undefined) {
    day = new Intl.DateTimeFormat(language.value, {
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    dayFormats.set(language.value, day);
  }
  return (
    <time dateTime={at} title={fmt.dateTime(at)} class="nowrap">
      {isToday ? fmt.time(ms) : day.format(ms)}
    </time>
  );
}
