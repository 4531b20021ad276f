import { cx } from "./classes.ts";

/** @param value 0 to 1; null: under way, nobody knows how far */
export function ProgressBar({
  value,
  label,
  tone = "accent",
}: {
  value: number | null;
  label: string;
  tone?: "accent" | "ok" | "warn" | "bad";
}) {
  const share = value === null ? 0 : Math.min(1, Math.max(0, value));
  return (
    <div
      class={cx("progress", `progress-${tone}`, value === null && "progress-unknown")}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value === null ? undefined : Math.round(share * 100)}
    >
      <div class="progress-fill" style={{ width: value === null ? "30%" : `${share * 100}%` }} />
    </div>
  );
}

export interface BarItem {
  id: string;
  /** What it is; a `Name` where somebody chose it. */
  label: preact.ComponentChildren;
  value: number;
  /** As it is shown. */
  text: string;
  href?: string;
}

/** Amounts side by side, the longest as wide as the card. */
export function Bars({ items, label }: { items: readonly BarItem[]; label: string }) {
  const most = Math.max(1e-9, ...items.map(({ value }) => value));
  return (
    <ul class="bars" aria-label={label}>
      {items.map((item) => (
        <li key={item.id}>
          <span class="bars-label">
            {item.href === undefined ? item.label : <a href={item.href}>{item.label}</a>}
          </span>
          <span class="bars-track" aria-hidden="true">
            <span class="bars-fill" style={{ width: `${(item.value / most) * 100}%` }} />
          </span>
          <span class="num">{item.text}</span>
        </li>
      ))}
    </ul>
  );
}
