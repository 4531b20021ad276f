import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FeedState } from "../../../../shared/api/feed.ts";
import { FEED } from "../../../../shared/api/feed-limits.ts";
import type { KeyView } from "../../../../shared/api/keys.ts";
import { useCommands } from "../../lib/commands.ts";
import { feed } from "../../lib/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { hrefOf } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { requestsText } from "../../text/requests/index.ts";
import { Button } from "../../ui/button.tsx";
import { EmptyState, Skeleton } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { NothingPasses } from "./held-filters.tsx";
import { requestColumns } from "./request-columns.tsx";
import { type FilterName, type Filters, held, passes, passesRunning } from "./request-filter.ts";
import { isRunning, type Listed, toneOf } from "./status.tsx";
import { countNewer } from "./tail.ts";

/** How high lists on this page are. */
export const LIST_HEIGHT = "max(320px, calc(100dvh - 330px))";
const TIMES: readonly FilterName[] = ["last", "from", "to"];

interface Frozen {
  running: FeedState["running"];
  requests: FeedState["requests"];
}

/** What waits and runs this second, and below it what has just finished. */
export function LiveView({
  filters: asked,
  keys,
  onRemove,
}: {
  filters: Filters;
  keys: readonly KeyView[];
  onRemove: (names: readonly FilterName[]) => void;
}) {
  const t = requestsText.value;
  // What is live is now: times have no say here.
  const filters: Filters = { ...asked, last: "", from: "", to: "" };
  const frozen = useSignal<Frozen | undefined>(undefined);
  const meanwhile = useSignal(0);
  const newest = useRef<string | undefined>(undefined);

  const { running, requests } = frozen.value ?? {
    running: feed.running.value,
    requests: feed.requests.value,
  };
  const finishing = feed.requests.value;
  useEffect(() => {
    if (frozen.value !== undefined) {
      const come = finishing.slice(0, countNewer(finishing, newest.current));
      meanwhile.value += come.filter((row) => passes(row, filters, 0)).length;
    }
    newest.current = finishing[0]?.id;
  }, [finishing]);

  const toggle = (): void => {
    meanwhile.value = 0;
    frozen.value =
      frozen.value === undefined
        ? { running: feed.running.peek(), requests: feed.requests.peek() }
        : undefined;
  };
  const paused = frozen.value !== undefined;
  const pauseLabel = paused ? t.live.resume : t.live.pause;
  useCommands(
    () => [
      {
        id: "requests-pause",
        label: `${t.live.label}: ${pauseLabel}`,
        icon: paused ? "play" : "pause",
        run: toggle,
      },
    ],
    [paused, t],
  );

  if (!feed.ready.value) return <Skeleton lines={8} />;
  const keyName = keys.find(({ id }) => id === filters.key_id)?.name;
  const active = running.filter((row) => passesRunning(row, filters, keyName)).toReversed();
  const rows: Listed[] = [...active, ...requests.filter((row) => passes(row, filters, 0))];
  const all = feed.now.value.running + feed.now.value.waiting;
  const hidden = filters.status !== "" && running.length > 0;
  return (
    <div class="stack stack-sm">
      <div class="row row-between">
        {/* Not read out by itself: on a busy fleet it is another number each second. */}
        <span class="muted small">
          {paused ? t.live.paused(fmt.count(meanwhile.value)) : t.live.running(fmt.count(all))}
          {hidden && ` ${t.live.statusHides}`}
          {all > FEED.running && ` ${t.live.more(fmt.count(FEED.running), fmt.count(all))}`}
        </span>
        <Button
          icon={paused ? "play" : "pause"}
          kind={paused ? "primary" : "secondary"}
          size="sm"
          onClick={toggle}
        >
          {pauseLabel}
        </Button>
      </div>
      <div class="requests-list">
        <Table
          label={t.live.label}
          columns={requestColumns.value}
          rows={rows}
          rowHeight={38}
          height={LIST_HEIGHT}
          keyOf={(row) => row.id}
          hrefOf={(row) => hrefOf(`/requests/${row.id}`)}
          rowClass={rowClass}
          empty={
            held(filters).length > 0 ? (
              <NothingPasses
                filters={filters}
                keys={keys}
                names={held(filters).filter((name) => !TIMES.includes(name))}
                onRemove={onRemove}
              />
            ) : (
              <NoRequests />
            )
          }
        />
      </div>
      {rows.length > 0 && <p class="muted small">{t.live.tail}</p>}
    </div>
  );
}

export function rowClass(row: Listed): string | undefined {
  if (isRunning(row)) return "requests-running";
  return toneOf(row) === "bad" ? "requests-failed" : undefined;
}

/** Nobody has asked anything yet: how to begin. */
export function NoRequests() {
  const t = requestsText.value.live;
  return (
    <EmptyState
      icon="requests"
      title={t.empty}
      actions={
        <>
          <Button kind="primary" href={hrefOf("/playground")}>
            {t.playground}
          </Button>
          <Button href={hrefOf("/keys")}>{common.value.nav.keys}</Button>
        </>
      }
    >
      {t.emptyText}
    </EmptyState>
  );
}
