import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { asApiError } from "../lib/api-error.ts";
import { common } from "../text/common/index.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icons.tsx";
import { whatToDo } from "./states.tsx";

interface Shown {
  id: number;
  tone: "ok" | "bad" | "info";
  children: ComponentChildren;
}

const SHOWN_MS = 6_000;
const MOST = 4;
const all = signal<readonly Shown[]>([]);
let next = 1;

/** Dialogs over the page, the uppermost last. */
const covers = signal<readonly string[]>([]);

/**
 * Says that a dialog lies over the page: the page below can be neither used nor heard, so messages come in the dialog.
 * @returns the end of it
 */
export function coverPage(cover: string): () => void {
  covers.value = [...covers.peek(), cover];
  return () => {
    covers.value = covers.peek().filter((one) => one !== cover);
  };
}

function dismiss(id: number): void {
  all.value = all.value.filter((one) => one.id !== id);
}

/** A short message at the edge; it goes by itself, one that tells of a fault only when it is closed. */
export function toast(children: ComponentChildren, tone: Shown["tone"] = "ok"): void {
  const id = next++;
  all.value = [...all.value.slice(1 - MOST), { id, tone, children }];
  if (tone !== "bad") setTimeout(() => dismiss(id), SHOWN_MS);
}

/** What went wrong, as a message; nothing for a call that was given up. */
export function toastError(error: unknown): void {
  const known = asApiError(error);
  if (known.code !== "aborted" && known.status !== 401) toast(whatToDo(known), "bad");
}

/** @param cover the dialog that this is in; undefined: the page */
export function Toasts({ cover }: { cover?: string }) {
  const shown = covers.value.at(-1) === cover ? all.value : [];
  return (
    <div class="toasts" aria-live="polite">
      {shown.map(({ id, tone, children }) => (
        <div key={id} class={`toast tone-${tone}`} role={tone === "bad" ? "alert" : undefined}>
          <Icon name={tone === "ok" ? "check" : tone === "bad" ? "error" : "info"} />
          <div class="grow wrap-anywhere">{children}</div>
          <IconButton
            icon="close"
            size="sm"
            label={common.value.action.dismiss}
            onClick={() => dismiss(id)}
          />
        </div>
      ))}
    </div>
  );
}
