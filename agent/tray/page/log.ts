import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { copyButton } from "./widgets.ts";

export function logPanel(state: PageState): VNode[] {
  const { log } = state.model;
  return [
    h(
      "section",
      { key: "log", class: "card log-card" },
      h(
        "div",
        { class: "log-head" },
        h("p", { class: "hint" }, log.hint),
        log.lines.length > 0 && copyButton(state, log.copy, log.lines.join("\n")),
      ),
      log.lines.length === 0
        ? h("p", { key: "empty", class: "empty" }, log.empty)
        : // Focusable, so that the keyboard can scroll it; not live, or a screen reader would never be silent.
          h(
            "div",
            {
              key: "lines",
              id: "log-lines",
              class: "log",
              role: "region",
              "aria-label": log.title,
              tabindex: 0,
            },
            ...log.lines.map((line) => h("div", { class: "log-line" }, line)),
          ),
    ),
  ];
}

/** Whether the end is in sight: then it stays so when lines are added. */
export function atEnd(log: HTMLElement | null): boolean {
  return log === null || log.scrollHeight - log.scrollTop - log.clientHeight < 24;
}
