import type { ComponentChildren } from "preact";
import type { ApiError } from "../lib/api-error.ts";
import { fmt } from "../lib/fmt.ts";
import { common } from "../text/common/index.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icons.tsx";

/** Nothing is here: why that is, and what the next step would be. */
export function EmptyState({
  title,
  icon = "info",
  children,
  actions,
}: {
  title: string;
  icon?: IconName;
  children?: ComponentChildren;
  actions?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={24} />
      </span>
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="muted prose">{children}</div>}
      {actions !== undefined && <div class="row">{actions}</div>}
    </div>
  );
}

/** What a failed call means, and what to do, in one sentence. */
export function whatToDo(error: ApiError): string {
  const t = common.value.error;
  if (error.status === 0) return t.unreachable;
  if (error.status === 403) return t.forbidden;
  if (error.status === 404) return t.notFound;
  if (error.status === 429) return t.limited(fmt.span((error.retryAfterS ?? 5) * 1_000));
  return t.other(error.message);
}

export function ErrorState({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  const t = common.value.error;
  return (
    <div class="empty" role="alert">
      <span class="empty-icon empty-bad">
        <Icon name="warning" size={24} />
      </span>
      <p class="empty-title">{t.title}</p>
      <p class="muted wrap-anywhere">{whatToDo(error)}</p>
      {retry !== undefined && (
        <Button icon="refresh" onClick={retry}>
          {t.retry}
        </Button>
      )}
    </div>
  );
}

export function Spinner({ label }: { label?: string }) {
  return (
    <span class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>{label ?? common.value.loading}</span>
    </span>
  );
}

/** Grey lines where a text will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">{common.value.loading}</span>
      {Array.from({ length: lines }, (_, at) => (
        <div key={at} class="skeleton-line" />
      ))}
    </div>
  );
}

/** A line of explanation with a tone. */
export function Notice({
  tone = "info",
  children,
  actions,
  alert = false,
}: {
  tone?: "info" | "ok" | "warn" | "bad";
  children: ComponentChildren;
  actions?: ComponentChildren;
  /** Read out at once. */
  alert?: boolean;
}) {
  const icon = tone === "ok" ? "check" : tone === "info" ? "info" : tone === "warn" ? "warning" : "error";
  return (
    <div class={`notice tone-${tone}`} role={alert ? "alert" : undefined}>
      <Icon name={icon} />
      <div class="grow wrap-anywhere">{children}</div>
      {actions}
    </div>
  );
}
