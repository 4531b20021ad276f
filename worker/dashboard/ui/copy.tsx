import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { common } from "../text/common/index.ts";
import { Button } from "./button.tsx";
import { Notice } from "./states.tsx";
import { toast } from "./toast.tsx";

/** Copies a text; over plain HTTP browsers have no clipboard, and the old way is left. @returns whether it worked */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (window.isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused: the old way asks nobody.
  }
  return copyOldWay(text);
}

function copyOldWay(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "sr-only";
  // Behind a modal dialog nothing can be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  const worked = document.execCommand("copy");
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return worked;
}

export function CopyButton({
  text,
  label,
  size = "md",
}: {
  text: string;
  label?: string;
  size?: "sm" | "md";
}) {
  const done = useSignal(false);
  const t = common.value.action;
  return (
    <Button
      icon={done.value ? "check" : "copy"}
      size={size}
      {...(label === undefined ? {} : { label })}
      onClick={() => {
        void copyText(text).then((worked) => {
          if (!worked) return toast(t.copyFailed, "bad");
          done.value = true;
          setTimeout(() => {
            done.value = false;
          }, 2_000);
        });
      }}
    >
      <span aria-live="polite">{done.value ? t.copied : t.copy}</span>
    </Button>
  );
}

/** A text to be copied as it is: a command, an address. */
export function CopyField({ value, label }: { value: string; label: string }) {
  return (
    <div class="copy-field">
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{value}</code>
      </pre>
      <CopyButton text={value} />
    </div>
  );
}

/** A key or token that nobody will ever see again. */
export function SecretOnce({
  value,
  label,
  children,
}: {
  value: string;
  label: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="stack stack-sm">
      <Notice tone="warn">{common.value.secret.once}</Notice>
      <CopyField value={value} label={label} />
      {children}
    </div>
  );
}
