import { useEffect, useRef } from "preact/hooks";
import type { RequestView } from "../../../../../shared/api/requests.ts";
import { call } from "../../../lib/api.ts";
import { feed } from "../../../lib/feed.ts";
import { useResource } from "../../../lib/resource.ts";
import { hrefOf } from "../../../lib/router.ts";
import { common } from "../../../text/common/index.ts";
import { requestsText } from "../../../text/requests/index.ts";
import { Button } from "../../../ui/button.tsx";
import { harmless } from "../../../ui/harmless.ts";
import { Name } from "../../../ui/name.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../../ui/states.tsx";
import { isId } from "../request-filter.ts";
import { type Listed, Status } from "../status.tsx";
import { FinishedRequest } from "./finished-request.tsx";
import { RunningRequest } from "./running-request.tsx";

/** One that has just ended is in the history within a second. */
const AGAIN = { ms: 1_000, most: 5 };

/** One request, from the feed while it runs and from the history when it is over, without a reload in between. */
export function RequestDetail({ id }: { id: string }) {
  const t = requestsText.value.detail;
  const running = feed.running.value.find((row) => row.id === id);
  const fresh = feed.requests.value.find((row) => row.id === id);
  const isKnown = running !== undefined || fresh !== undefined;
  // What the feed has to tell comes first: the history does not know what runs.
  const isTold = feed.ready.value || feed.connection.value.state !== "connecting";
  const asked = useResource(
    async (signal): Promise<RequestView | undefined> =>
      isKnown || !isTold || !isId(id)
        ? undefined
        : call("GET /api/admin/requests/{id}", { params: { id }, signal }),
    [id, isKnown, isTold],
  );
  const ran = useRef(false);
  if (running !== undefined) ran.current = true;
  const tried = useRef(0);
  const isMissing = asked.error?.status === 404;
  useEffect(() => {
    if (!isMissing || !ran.current || asked.loading || tried.current >= AGAIN.most) return undefined;
    tried.current++;
    const timer = setTimeout(asked.reload, AGAIN.ms);
    return () => clearTimeout(timer);
  }, [isMissing, asked.loading]);

  const row = fresh ?? asked.data;
  if (running === undefined && row === undefined) {
    const isUnknown = isMissing || !isId(id);
    return (
      <>
        <Head />
        {isUnknown ? (
          <Unknown id={id} retry={isId(id) ? asked.reload : undefined} />
        ) : asked.error !== undefined ? (
          <ErrorState error={asked.error} retry={asked.reload} />
        ) : (
          <Skeleton lines={8} />
        )}
      </>
    );
  }
  const shown: Listed | undefined = row ?? running;
  return (
    <>
      <Head row={shown} />
      {row !== undefined ? (
        <FinishedRequest row={row} />
      ) : (
        running !== undefined && <RunningRequest row={running} note={t.live} />
      )}
    </>
  );
}

function Head({ row }: { row?: Listed | undefined }) {
  const t = requestsText.value;
  const model = row?.model ?? null;
  const title =
    row === undefined
      ? common.value.nav.requests
      : t.detail.title(model === null ? harmless(row.endpoint, 100) : harmless(model, 100));
  return (
    <PageHeader
      title={title}
      heading={
        row === undefined ? undefined : (
          <>
            <Name value={model ?? row.endpoint} />
            <span class="requests-head-status">
              <Status row={row} />
            </span>
          </>
        )
      }
      subtitle={<a href={hrefOf("/requests")}>← {t.detail.back}</a>}
      actions={
        model !== null && (
          <Button icon="filter" href={hrefOf("/requests", { model })}>
            {t.detail.similarModel}
          </Button>
        )
      }
    />
  );
}

function Unknown({ id, retry }: { id: string; retry: (() => void) | undefined }) {
  const t = requestsText.value.detail;
  return (
    <EmptyState
      icon="requests"
      title={t.unknown}
      actions={
        <>
          <Button kind="primary" href={hrefOf("/requests", { view: "history" })}>
            {t.back}
          </Button>
          {retry !== undefined && (
            <Button icon="refresh" onClick={retry}>
              {common.value.error.retry}
            </Button>
          )}
        </>
      }
    >
      <p>{retry === undefined ? t.badId : t.unknownText}</p>
      <p>
        <Name value={id} mono />
      </p>
    </EmptyState>
  );
}
