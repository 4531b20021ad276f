import { seconds } from "../lib/clock.ts";
import { feed, retryFeed } from "../lib/feed.ts";
import { fmt } from "../lib/fmt.ts";
import { relative } from "../lib/format.ts";
import { language } from "../lib/language.ts";
import { common } from "../text/common/index.ts";
import { StatusDot } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";

export function ConnectionState() {
  const t = common.value.connection;
  const { state } = feed.connection.value;
  const tone = state === "live" ? "ok" : state === "lost" ? "bad" : "off";
  return (
    <span class="connection" role="status">
      <StatusDot tone={tone} title={t[state]}>
        <span class="connection-text">{t[state]}</span>
      </StatusDot>
    </span>
  );
}

/** What one sees is old: since when, and when the next try is. */
export function ConnectionBanner() {
  const connection = feed.connection.value;
  if (connection.state !== "lost") return null;
  const t = common.value.connection;
  const next = relative(language.value, Math.max(connection.nextTry, seconds.value), seconds.value);
  return (
    <aside class="banner banner-bad" aria-label={t.lost}>
      <span class="grow">
        <span role="alert">{t.lostSince(fmt.time(connection.since))}</span>{" "}
        {/* It counts down: read out, it would be so each second. */}
        <span>{t.nextTry(next)}</span>
      </span>
      <Button size="sm" onClick={retryFeed}>
        {t.retry}
      </Button>
    </aside>
  );
}
