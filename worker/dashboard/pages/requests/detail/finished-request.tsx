import type { RequestView } from "../../../../../shared/api/requests.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { Card, Facts } from "../../../ui/card.tsx";
import { CopyButton } from "../../../ui/copy.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { Notice } from "../../../ui/states.tsx";
import { machineName } from "../names.ts";
import { explained, reasonWords, Status } from "../status.tsx";
import { tokenRate, waterfallOf } from "../waterfall.ts";
import { Attempts } from "./attempts.tsx";
import { Timeline } from "./timeline.tsx";
import { TimelineTable } from "./timeline-table.tsx";

export function FinishedRequest({ row }: { row: RequestView }) {
  const t = requestsText.value.detail;
  const waterfall = waterfallOf(row);
  return (
    <div class="stack">
      <WentWrong row={row} />
      <Card title={t.waterfall}>
        <div class="stack">
          <Timeline waterfall={waterfall} tries={row.tries} />
          <TimelineTable waterfall={waterfall} tries={row.tries} />
        </div>
      </Card>
      <Card title={t.attempts}>
        <Attempts row={row} />
      </Card>
      <Card title={t.facts}>
        <RequestFacts row={row} />
      </Card>
    </div>
  );
}

/** The error in words, and what to do about it. */
function WentWrong({ row }: { row: RequestView }) {
  const t = requestsText.value.detail;
  const { error_code: code, status } = row;
  if (code === null && status < 400) return null;
  const words =
    code === null
      ? { what: t.ollama.what(String(status)), todo: t.ollama.todo }
      : (explained(code) ?? { what: t.unknownError(harmless(code)), todo: t.unknownTodo });
  return (
    <Notice tone={code === "cancelled" ? "info" : status >= 400 && status < 500 ? "warn" : "bad"}>
      <h2 class="sr-only">{t.error}</h2>
      <p class="strong">{words.what}</p>
      <p>{words.todo}</p>
    </Notice>
  );
}

function RequestFacts({ row }: { row: RequestView }) {
  const t = requestsText.value;
  const f = t.detail.fact;
  const { model, agent_id, key_id } = row;
  const name = machineName(agent_id, row.agent_name);
  const own = [row.load_ms, row.prompt_ms, row.eval_ms];
  return (
    <Facts
      items={[
        [f.at, fmt.dateTime(row.at)],
        [f.status, <Status key="status" row={row} />],
        [f.endpoint, <Name key="endpoint" value={row.endpoint} mono />],
        [
          f.model,
          model === null ? (
            t.noModel
          ) : (
            <a key="model" href={hrefOf("/models", { model })}>
              <Name value={model} />
            </a>
          ),
        ],
        [
          f.machine,
          agent_id === null ? (
            t.noMachine
          ) : (
            <a key="machine" href={hrefOf(`/machines/${encodeURIComponent(agent_id)}`)}>
              <Name value={name} />
            </a>
          ),
        ],
        [
          f.key,
          key_id === null ? (
            t.noKey
          ) : (
            <a key="key" href={hrefOf(`/keys/${encodeURIComponent(key_id)}`)}>
              <Name value={row.key_name ?? key_id} />
            </a>
          ),
        ],
        [f.reason, reasonWords(row.reason)?.short ?? "–"],
        [f.attempts, fmt.count(row.attempts)],
        [f.queue, fmt.duration(row.queue_ms)],
        [f.firstToken, fmt.duration(row.first_byte_ms)],
        [f.duration, fmt.duration(row.duration_ms)],
        [
          f.ollama,
          own.every((ms) => ms === null)
            ? "–"
            : f.ollamaTimes(
                fmt.duration(row.load_ms),
                fmt.duration(row.prompt_ms),
                fmt.duration(row.eval_ms),
              ),
        ],
        [f.prompt, fmt.count(row.prompt_tokens)],
        [f.answer, fmt.count(row.completion_tokens)],
        [f.rate, fmt.decimal(tokenRate(row))],
        [f.sent, fmt.bytes(row.request_bytes)],
        [f.received, fmt.bytes(row.response_bytes)],
        [
          f.id,
          <span key="id" class="row">
            <span class="mono small">{row.id}</span>
            <CopyButton size="sm" text={row.id} />
          </span>,
        ],
      ]}
    />
  );
}
