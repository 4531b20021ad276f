import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { canChange } from "../lib/session.ts";
import { common } from "../text/common/index.ts";
import { Button, type ButtonProps } from "./button.tsx";
import { cx } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";

export interface MenuItem {
  id: string;
  label: ComponentChildren;
  icon?: IconName;
  onSelect: () => void;
  /** One of several, and this is the one that holds. */
  checked?: boolean;
  danger?: boolean;
  disabled?: boolean;
  /** A viewer cannot use it. */
  changes?: boolean;
}

/** A button that opens a list of actions: arrows move, Enter chooses, Esc closes. */
export function Menu({
  items,
  label,
  children,
  icon,
  kind = "ghost",
  align = "end",
  header,
}: {
  items: readonly MenuItem[];
  label: string;
  /** The button's text; without it only the icon is shown. */
  children?: ComponentChildren;
  icon?: IconName;
  kind?: NonNullable<ButtonProps["kind"]>;
  align?: "start" | "end";
  header?: ComponentChildren;
}) {
  const open = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();

  const focusButton = (): void => root.current?.querySelector<HTMLElement>(":scope > button")?.focus();
  const close = (): void => {
    open.value = false;
    focusButton();
  };
  useEffect(() => {
    if (!open.value) return;
    list.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) open.value = false;
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open.value]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    const at = document.activeElement instanceof HTMLElement ? entries.indexOf(document.activeElement) : -1;
    const to =
      event.key === "ArrowDown"
        ? at + 1
        : event.key === "ArrowUp"
          ? at - 1
          : event.key === "Home"
            ? 0
            : event.key === "End"
              ? entries.length - 1
              : undefined;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (to !== undefined) {
      event.preventDefault();
      entries[(to + entries.length) % entries.length]?.focus();
    }
  };

  return (
    <div class="menu" ref={root}>
      <Button
        kind={kind}
        label={label}
        title={label}
        {...(icon === undefined ? {} : { icon })}
        hasPopup="menu"
        expanded={open.value}
        controls={open.value ? id : undefined}
        onClick={() => {
          open.value = !open.value;
        }}
        class={cx(children === undefined && "icon-button")}
      >
        {children}
      </Button>
      {open.value && (
        <div class={cx("menu-list", `menu-${align}`)}>
          {header !== undefined && <div class="menu-header">{header}</div>}
          <div id={id} role="menu" tabIndex={-1} aria-label={label} ref={list} onKeyDown={onKeyDown}>
            {items.map((item) => {
              const barred = item.changes === true && !canChange.value;
              return (
                <button
                  key={item.id}
                  type="button"
                  role={item.checked === undefined ? "menuitem" : "menuitemradio"}
                  aria-checked={item.checked}
                  aria-disabled={barred || item.disabled === true ? true : undefined}
                  title={barred ? common.value.viewerOnly : undefined}
                  class={cx("menu-item", item.danger === true && "menu-danger")}
                  tabIndex={-1}
                  onClick={() => {
                    if (barred || item.disabled === true) return;
                    close();
                    item.onSelect();
                  }}
                >
                  {item.icon !== undefined && <Icon name={item.icon} />}
                  <span class="grow">{item.label}</span>
                  {item.checked === true && <Icon name="check" />}
                </button>
              );
            })}
          </div>
        </div>
      )}
    </div>
  );
}
