import type { FeedAgent } from "../../../../shared/api/feed.ts";
import { fmt } from "../../lib/fmt.ts";
import { memo } from "../../lib/memo.ts";
import { hrefOf } from "../../lib/router.ts";
import { common } from "../../text/common/index.ts";
import { overviewText } from "../../text/overview/index.ts";
import { StatusDot, type Tone } from "../../ui/badge.tsx";
import { cx } from "../../ui/classes.ts";
import { Name } from "../../ui/name.tsx";

/** More slots than this are shown as one bar. */
const MOST_PIPS = 16;

/** One machine at a glance: whether it may work, how much of it works, and what it has in memory. */
export const MachineTile = memo(function MachineTile({ agent }: { agent: FeedAgent }) {
  const t = overviewText.value.machines;
  const { not_routable_reason: reason, active_requests: busy, max_concurrency: slots } = agent;
  const state =
    reason === null
      ? busy > 0
        ? t.slots(fmt.count(busy), fmt.count(slots))
        : t.ready
      : common.value.reasons[reason];
  return (
    <li>
      <a
        class={cx("tile", reason !== null && "tile-off", busy > 0 && "tile-busy")}
        href={hrefOf(`/machines/${agent.id}`)}
      >
        <span class="tile-head">
          <StatusDot tone={toneOf(agent)} />
          <Name value={agent.name} strong />
          <span class="grow" />
          {busy > 0 && agent.tokens_per_second !== null && (
            <span class="tile-rate">{t.tokens(fmt.decimal(agent.tokens_per_second))}</span>
          )}
        </span>
        <span class="tile-state">{state}</span>
        <Slots busy={busy} slots={slots} />
        <span class="tile-foot">
          {agent.loaded.length === 0 ? (
            <span class="tile-nothing">{t.nothingLoaded}</span>
          ) : (
            <span class="tile-loaded">
              <span class="sr-only">{t.loaded}: </span>
              <Name value={agent.loaded[0]} />
              {agent.loaded.length > 1 && <span> +{agent.loaded.length - 1}</span>}
            </span>
          )}
          <span class="grow" />
          {agent.status === "online" && (
            <span class="tile-load nowrap">
              {agent.gpu_usage === null
                ? `${t.cpu} ${fmt.percent(agent.cpu_usage)}`
                : `${t.gpu} ${fmt.percent(agent.gpu_usage)}`}
            </span>
          )}
        </span>
      </a>
    </li>
  );
});

function Slots({ busy, slots }: { busy: number; slots: number }) {
  if (slots > MOST_PIPS) {
    return (
      <span class="slots" aria-hidden="true">
        <span class="slot-bar">
          <span
            class={cx(busy > 0 && "slot-on")}
            style={{ width: `${Math.min(100, (busy / slots) * 100)}%` }}
          />
        </span>
      </span>
    );
  }
  return (
    <span class="slots" aria-hidden="true">
      {Array.from({ length: slots }, (_, at) => (
        <span key={at} class={cx("slot", at < busy && "slot-on")} />
      ))}
    </span>
  );
}

function toneOf(agent: FeedAgent): Tone {
  switch (agent.not_routable_reason) {
    case null:
      return agent.breakers.some(({ state }) => state !== "closed") ? "warn" : "ok";
    case "offline":
      return "off";
    case "ollama_absent":
    case "ollama_hung":
      return "bad";
    default:
      return "warn";
  }
}
