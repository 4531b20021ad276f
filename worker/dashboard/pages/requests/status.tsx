import type { FeedRunning } from "../../../../shared/api/feed.ts";
import type { RequestView } from "../../../../shared/api/requests.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Badge, StatusDot, type Tone } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";

export type Listed = RequestView | FeedRunning;
export const isRunning = (row: Listed): row is FeedRunning => "state" in row;

export function toneOf({ status, error_code }: Pick<RequestView, "status" | "error_code">): Tone {
  if (error_code === "cancelled") return "plain";
  if (status >= 500 || (error_code !== null && status < 400)) return "bad";
  return status >= 400 ? "warn" : "ok";
}

/** What the texts say of an error code; undefined of one that they do not know. */
export function explained(code: string): { what: string; todo: string } | undefined {
  const all: Readonly<Record<string, { what: string; todo: string }>> = requestsText.value.errors;
  return Object.hasOwn(all, code) ? all[code] : undefined;
}

/** The words for a reason; the reason itself where there are none. */
export function reasonWords(reason: string | null): { short: string; long: string } | undefined {
  if (reason === null) return undefined;
  const all: Readonly<Record<string, { short: string; long: string }>> = requestsText.value.reasons;
  return Object.hasOwn(all, reason) ? all[reason] : { short: harmless(reason, 60), long: harmless(reason) };
}

/** The status with its error's code; of one that runs, how far it is. */
export function Status({ row }: { row: Listed }) {
  const t = requestsText.value;
  if (isRunning(row)) {
    return (
      <StatusDot tone={row.state === "waiting" ? "warn" : "accent"} pulse={row.state !== "waiting"}>
        {t.state[row.state]}
      </StatusDot>
    );
  }
  const { status, error_code: code } = row;
  return (
    <span
      class="requests-status"
      title={code === null ? undefined : (explained(code)?.what ?? harmless(code))}
    >
      <Badge tone={toneOf(row)}>{status}</Badge>
      {code !== null && <span class="mono small">{harmless(code, 60)}</span>}
    </span>
  );
}
