import { fmt } from "../../lib/fmt.ts";
import { cx } from "../../ui/classes.ts";

/** A share of something's power, with a bar under it. @param value percent */
export function Load({ value, title }: { value: number | null; title?: string | undefined }) {
  return (
    <span class={cx("machines-load", value !== null && value >= 90 && "machines-load-high")} title={title}>
      {fmt.percent(value)}
      {value !== null && (
        <span class="machines-load-track" aria-hidden="true">
          <span style={{ width: `${Math.min(100, Math.max(0, value))}%` }} />
        </span>
      )}
    </span>
  );
}
