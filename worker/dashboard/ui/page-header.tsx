import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { common } from "../text/common/index.ts";
import { harmless } from "./harmless.ts";

/** The page's heading, its title in the browser's tab, and what can be done here. */
export function PageHeader({
  title,
  heading,
  subtitle,
  actions,
}: {
  /** Plain text, also for the browser's tab. */
  title: string;
  /** In place of the title where it needs more than text. */
  heading?: ComponentChildren;
  subtitle?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  const { product } = common.value;
  useEffect(() => {
    document.title = `${harmless(title, 100)} · ${product}`;
  }, [title, product]);
  return (
    <header class="page-header">
      <div class="grow">
        <h1>{heading ?? title}</h1>
        {subtitle !== undefined && <div class="muted">{subtitle}</div>}
      </div>
      {actions !== undefined && <div class="row">{actions}</div>}
    </header>
  );
}
