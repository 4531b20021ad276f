import type { ComponentChildren } from "preact";
import { cx } from "./classes.ts";

/** A panel with an optional heading and things at its right end. */
export function Card({
  title,
  actions,
  children,
  class: className,
  flush = false,
  level = 2,
}: {
  title?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
  /** Without padding, for tables. */
  flush?: boolean;
  level?: 2 | 3;
}) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section class={cx("card", flush && "card-flush", className)}>
      {(title !== undefined || actions !== undefined) && (
        <div class="card-head">
          {title !== undefined && <Heading class="card-title">{title}</Heading>}
          {actions !== undefined && <div class="row">{actions}</div>}
        </div>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}

/** Pairs of a name and a value. */
export function Facts({ items }: { items: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
