import type { ComponentChildren } from "preact";
import { cx } from "./classes.ts";

export type Tone = "ok" | "warn" | "bad" | "info" | "off" | "accent" | "plain";

/** A word or two on a coloured ground. */
export function Badge({
  tone = "plain",
  children,
  title,
}: {
  tone?: Tone;
  children: ComponentChildren;
  title?: string | undefined;
}) {
  return (
    <span class={cx("badge", `tone-${tone}`)} title={title}>
      {children}
    </span>
  );
}

/** A point and, beside it, what it means: colour alone says nothing to those who do not see it. */
export function StatusDot({
  tone,
  children,
  pulse = false,
  title,
}: {
  tone: Tone;
  children?: ComponentChildren;
  pulse?: boolean;
  title?: string | undefined;
}) {
  return (
    <span class="status" title={title}>
      <span class={cx("dot", `dot-${tone}`, pulse && "dot-pulse")} aria-hidden="true" />
      {children}
    </span>
  );
}
