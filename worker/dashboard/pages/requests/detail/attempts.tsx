import type { AttemptView, RequestView } from "../../../../../shared/api/requests.ts";
import { fmt } from "../../../lib/fmt.ts";
import { hrefOf } from "../../../lib/router.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { Badge } from "../../../ui/badge.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { machineName } from "../names.ts";
import { explained, reasonWords } from "../status.tsx";

/** Each machine that was given the request: why it, and how that ended. */
export function Attempts({ row }: { row: RequestView }) {
  const t = requestsText.value.detail;
  if (row.tries.length === 0) return <p class="muted">{t.nobody}</p>;
  return (
    <ol class="requests-attempts">
      {row.tries.map((one, at) => (
        // An attempt has no other name than its place.
        <li key={at}>
          <div class="row">
            <span class="muted">{t.attempt(fmt.count(at + 1))}</span>
            <Machine one={one} />
            {one.reason !== null && <Badge>{reasonWords(one.reason)?.short}</Badge>}
          </div>
          {one.reason !== null && <p>{reasonWords(one.reason)?.long}</p>}
          <p class={one.error_code === null ? "muted" : "requests-bad"}>{endOf(one, row.status)}</p>
        </li>
      ))}
    </ol>
  );
}

export function Machine({ one }: { one: AttemptView }) {
  const name = <Name value={machineName(one.agent_id, one.agent_name)} strong />;
  return one.agent_id === null ? (
    name
  ) : (
    <a href={hrefOf(`/machines/${encodeURIComponent(one.agent_id)}`)}>{name}</a>
  );
}

/** How an attempt ended, in words. */
export function endOf({ error_code: code }: AttemptView, status: number): string {
  const t = requestsText.value.detail;
  if (code !== null) return explained(code)?.what ?? t.unknownError(harmless(code));
  return status >= 400 ? t.ended.own(String(status)) : t.ended.answered;
}
