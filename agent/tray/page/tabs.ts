import type { Tab } from "../window-model.ts";
import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";

export const tabId = (tab: Tab): string => `tab-${tab}`;
export const panelId = (tab: Tab): string => `panel-${tab}`;

/** Where a key leads, by https://www.w3.org/WAI/ARIA/apg/patterns/tabs/; both axes, because narrow windows lay them out in a row. */
function next(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowUp":
    case "ArrowLeft":
      return (at + count - 1) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

export function tabs(state: PageState): VNode {
  const { tabs: all, tabs_label } = state.model;
  const go = (event: KeyboardEvent): void => {
    const to =
      all[
        next(
          event.key,
          all.findIndex(({ id }) => id === state.tab),
          all.length,
        ) ?? -1
      ];
    if (to === undefined) return;
    event.preventDefault();
    state.show(to.id);
    document.getElementById(tabId(to.id))?.focus();
  };
  return h(
    "div",
    {
      class: "tabs",
      role: "tablist",
      "aria-label": tabs_label,
      "aria-orientation": "vertical",
      on: { keydown: go },
    },
    ...all.map(({ id, label }) => {
      const chosen = id === state.tab;
      return h(
        "button",
        {
          key: id,
          id: tabId(id),
          type: "button",
          role: "tab",
          class: "tab",
          "aria-selected": String(chosen),
          "aria-controls": chosen ? panelId(id) : undefined,
          tabindex: chosen ? 0 : -1,
          on: { click: () => state.show(id) },
        },
        glyph(id),
        h("span", {}, label),
      );
    }),
  );
}
