import { fmt } from "../../lib/fmt.ts";
import { keysText } from "../../text/keys/index.ts";
import { ProgressBar } from "../../ui/progress.tsx";
import { type LimitUse, tightest } from "./limit-uses.ts";

/** The tightest limit in a cell of a table; the others when one points at it. */
export function LimitCell({ uses }: { uses: readonly LimitUse[] }) {
  const t = keysText.value;
  const use = tightest(uses);
  if (use === undefined) return <span class="muted">{t.noLimit}</span>;
  const text = t.ofLimit(fmt.compact(use.used), fmt.compact(use.limit));
  const all = uses.map(
    ({ name, used, limit }) => `${t.limits[name]}: ${t.ofLimit(fmt.count(used), fmt.count(limit))}`,
  );
  return (
    <span class="keys-limit" title={all.join("\n")}>
      <ProgressBar value={use.share} tone={use.tone} label={t.limits[use.name]} />
      <span class="keys-limit-text">
        {text} <span class="muted">{t.shortLimits[use.name]}</span>
      </span>
    </span>
  );
}

/** All limits of a key, one below the other. */
export function LimitBars({ uses }: { uses: readonly LimitUse[] }) {
  const t = keysText.value;
  return (
    <ul class="keys-limits">
      {uses.map((use) => (
        <li key={use.name}>
          <span>{t.limits[use.name]}</span>
          <ProgressBar value={use.share} tone={use.tone} label={t.limits[use.name]} />
          <span class="num">{t.ofLimit(fmt.count(use.used), fmt.count(use.limit))}</span>
        </li>
      ))}
    </ul>
  );
}
