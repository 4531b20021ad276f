import { cx } from "./classes.ts";
import { harmless } from "./harmless.ts";

/**
 * Any name that a machine, a person or a client has chosen. Whatever it contains, it stays in its place, on one line, and
 * shows what it is.
 */
export function Name({
  value,
  fallback = "–",
  mono = false,
  strong = false,
}: {
  value: string | null | undefined;
  fallback?: string;
  mono?: boolean;
  strong?: boolean;
}) {
  if (value === null || value === undefined || value === "") return <span class="muted">{fallback}</span>;
  const shown = harmless(value);
  return (
    <bdi dir="auto" class={cx("name", mono && "mono", strong && "strong")} title={harmless(value, 1_000)}>
      {shown}
    </bdi>
  );
}
