import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { common } from "../text/common/index.ts";
import { Button, IconButton } from "./button.tsx";
import { cx } from "./classes.ts";
import { coverPage, Toasts } from "./toast.tsx";

/**
 * A window over the page, open as long as it is rendered. Esc, its cross and a click beside it close it; the focus goes back
 * to where it was.
 */
export function Dialog({
  title,
  onClose,
  children,
  footer,
  size = "md",
  bare = false,
  keep = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  footer?: ComponentChildren;
  size?: "sm" | "md" | "lg";
  /** Without heading and padding, for what brings its own; the title is still read out. */
  bare?: boolean;
  /** A click beside it does not close it: something would be lost. */
  keep?: boolean;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Text that is selected with the mouse may end beside the dialog: only what also began there is a click beside it.
  const pressedBeside = useRef(false);
  useLayoutEffect(() => coverPage(id), [id]);
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does the same.
    <dialog
      ref={ref}
      class={cx("dialog", `dialog-${size}`, bare && "dialog-bare")}
      aria-labelledby={id}
      onCancel={(event) => {
        // Its own closing would leave it rendered; one nested in it is not it.
        if (event.target !== ref.current) return;
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        pressedBeside.current = event.target === ref.current;
      }}
      onClick={(event) => {
        if (!keep && pressedBeside.current && event.target === ref.current) onClose();
      }}
    >
      <div class="dialog-inside">
        {bare ? (
          <h2 id={id} class="sr-only">
            {title}
          </h2>
        ) : (
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <IconButton icon="close" label={common.value.action.close} onClick={onClose} />
          </header>
        )}
        <div class={bare ? undefined : "dialog-body"}>{children}</div>
        {footer !== undefined && <footer class="dialog-foot">{footer}</footer>}
      </div>
      <Toasts cover={id} />
    </dialog>
  );
}

/** Asks before something is done that cannot be undone: `children` say what will happen. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  onConfirm,
  onClose,
  danger = true,
  busy = false,
}: {
  title: string;
  children: ComponentChildren;
  /** What the button says: the deed, not "OK". */
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
  danger?: boolean;
  busy?: boolean;
}) {
  return (
    <Dialog
      title={title}
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onClick={onClose} autofocus>
            {common.value.action.cancel}
          </Button>
          <Button kind={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm} changes>
            {confirm}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
