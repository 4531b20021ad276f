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
