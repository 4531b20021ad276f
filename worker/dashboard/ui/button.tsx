import type { ComponentChildren } from "preact";
import { canChange } from "../lib/session.ts";
import { common } from "../text/common/index.ts";
import { cx } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";

export interface ButtonProps {
  children?: ComponentChildren;
  onClick?: ((event: MouseEvent) => void) | undefined;
  kind?: "primary" | "secondary" | "ghost" | "danger";
  size?: "sm" | "md";
  icon?: IconName;
  type?: "button" | "submit";
  disabled?: boolean | undefined;
  /** Shows that its work is under way; it cannot be pressed again meanwhile. */
  busy?: boolean | undefined;
  /** It changes something: a viewer cannot use it, and is told why. */
  changes?: boolean;
  title?: string | undefined;
  class?: string;
  /** Instead of an action: an address, inside the dashboard or elsewhere. */
  href?: string;
  /** The file is saved, not shown. */
  download?: boolean | string;
  label?: string;
  expanded?: boolean | undefined;
  controls?: string | undefined;
  hasPopup?: "menu" | "dialog" | "listbox" | undefined;
  autofocus?: boolean;
}

export function Button(props: ButtonProps) {
  const { kind = "secondary", size = "md", icon, busy = false } = props;
  const barred = props.changes === true && !canChange.value;
  const className = cx("button", `button-${kind}`, `button-${size}`, props.class);
  const inside = (
    <>
      {busy ? <span class="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {props.children !== undefined && <span class="button-text">{props.children}</span>}
    </>
  );
  if (props.href !== undefined && !barred && props.disabled !== true) {
    return (
      <a
        class={className}
        href={props.href}
        title={props.title}
        aria-label={props.label}
        download={props.download}
        onClick={props.onClick}
      >
        {inside}
      </a>
    );
  }
  // What a viewer may not use stays reachable by keyboard, so that its reason can be read.
  const off = props.disabled === true || busy;
  return (
    <button
      type={props.type ?? "button"}
      class={className}
      disabled={off}
      aria-disabled={barred ? true : undefined}
      aria-busy={busy || undefined}
      aria-label={props.label}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      aria-haspopup={props.hasPopup}
      autofocus={props.autofocus}
      title={barred ? common.value.viewerOnly : props.title}
      onClick={(event) => {
        if (barred) {
          event.preventDefault();
          return;
        }
        props.onClick?.(event);
      }}
    >
      {inside}
    </button>
  );
}

/** A button that is only a picture; its label is what a screen reader says, and its tooltip. */
export function IconButton(props: Omit<ButtonProps, "children"> & { icon: IconName; label: string }) {
  return (
    <Button
      kind="ghost"
      title={props.title ?? props.label}
      {...props}
      class={cx("icon-button", props.class)}
    />
  );
}
