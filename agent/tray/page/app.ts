import type { Tab } from "../window-model.ts";
import { addressForm } from "./address-form.ts";
import { connectionPanel } from "./connection.ts";
import { generalPanel } from "./general.ts";
import { glyph } from "./glyphs.ts";
import { logPanel } from "./log.ts";
import { notices } from "./notices.ts";
import { ollamaPanel } from "./ollama.ts";
import { sharingPanel } from "./sharing.ts";
import type { PageState } from "./state.ts";
import { panelId, tabId, tabs } from "./tabs.ts";
import { h, present, type VNode } from "./vnode.ts";
import { button } from "./widgets.ts";

const PANELS: Record<Tab, (state: PageState) => VNode[]> = {
  connection: connectionPanel,
  sharing: sharingPanel,
  ollama: ollamaPanel,
  general: generalPanel,
  log: logPanel,
};

/** The whole page. */
export function app(state: PageState): VNode[] {
  const { model } = state;
  return [
    model.welcome === null ? settings(state) : welcome(state, model.welcome),
    confirmation(state),
    // The one line that is read out when it changes; what counts down beside it is not.
    h("p", { key: "live", class: "visually-hidden", role: "status" }, model.headline),
  ];
}

function welcome(state: PageState, model: NonNullable<PageState["model"]["welcome"]>): VNode {
  return h(
    "main",
    { key: "welcome", class: "welcome" },
    h(
      "div",
      { class: "welcome-card" },
      h("img", { class: "brand-mark", src: "icon.png", alt: "", width: 64, height: 64 }),
      h("h1", { id: "heading", tabindex: -1 }, model.title),
      h("p", { class: "intro" }, model.intro),
      ...present(notices(state)),
      addressForm(state, model.address),
    ),
  );
}

function settings(state: PageState): VNode {
  const { model, tab } = state;
  const title = model.tabs.find(({ id }) => id === tab)?.label ?? "";
  return h(
    "div",
    { key: "settings", class: "layout" },
    h(
      "header",
      { class: "side" },
      h(
        "div",
        { class: "brand" },
        h("img", { class: "brand-mark", src: "icon.png", alt: "", width: 28, height: 28 }),
        h("span", {}, model.title),
      ),
      h(
        "div",
        { class: `status status-${model.icon}` },
        glyph(model.icon),
        h(
          "div",
          {},
          h("p", { class: "status-headline" }, model.headline),
          model.detail !== null && h("p", { class: "status-detail" }, model.detail),
        ),
      ),
      tabs(state),
    ),
    h(
      "main",
      { class: "content" },
      h("h1", { id: "heading", tabindex: -1 }, title),
      h("div", { class: "notices" }, ...present(notices(state))),
      h(
        "div",
        {
          key: tab,
          id: panelId(tab),
          class: "panel",
          role: "tabpanel",
          "aria-labelledby": tabId(tab),
        },
        ...PANELS[tab](state),
      ),
    ),
  );
}

function confirmation(state: PageState): VNode {
  const { confirmation: asked, model } = state;
  const close = (): void => state.confirm(null);
  return h(
    "dialog",
    {
      key: "dialog",
      id: "dialog",
      class: "dialog",
      "aria-labelledby": "dialog-text",
      // Escape closes it without asking.
      on: { close },
    },
    ...(asked === null
      ? []
      : [
          h("p", { id: "dialog-text" }, asked.text),
          h(
            "div",
            { class: "actions" },
            button(model.common.cancel, "plain", close, { key: "no" }),
            button(
              asked.yes,
              "primary",
              () => {
                close();
                asked.run();
              },
              { key: "yes" },
            ),
          ),
        ]),
  );
}
