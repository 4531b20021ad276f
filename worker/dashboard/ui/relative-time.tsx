import { coordinatorNow } from "../lib/clock.ts";
import { fmt } from "../lib/fmt.ts";
import { relative } from "../lib/format.ts";
import { language } from "../lib/language.ts";
import { common } from "../text/common/index.ts";

/** `5 min ago`, moving; the exact time in the tooltip. */
export function RelativeTime({ at, fallback }: { at: string | null | undefined; fallback?: string }) {
  if (at === null || at === undefined) return <span class="muted">{fallback ?? common.value.never}</span>;
  return (
    <time dateTime={at} title={fmt.dateTime(at)} class="nowrap">
      {relative(language.value, Date.parse(at), coordinatorNow())}
    </time>
  );
}
