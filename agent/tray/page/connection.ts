import { addressForm } from "./address-form.ts";
import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { type Child, h, type VNode } from "./vnode.ts";
import { button, card, commandButton, copyButton, problemAt } from "./widgets.ts";

export function connectionPanel(state: PageState): VNode[] {
  const { connection } = state.model;
  return [
    h(
      "section",
      { key: "state", class: `card state tone-${connection.state.tone}` },
      h("h2", { class: "state-headline" }, connection.state.headline),
      connection.state.detail !== null && h("p", { class: "state-detail" }, connection.state.detail),
      pairing(state),
      actions(state),
      problemAt(state, "connection"),
    ),
    card(null, addressForm(state, connection.address)),
  ];
}

function pairing(state: PageState): Child {
  const { pairing: model } = state.model.connection;
  if (model === null) return null;
  return h(
    "div",
    { key: "pairing", class: "pairing" },
    h("h3", {}, model.title),
    h("p", { class: "hint" }, model.detail),
    h(
      "div",
      { class: "code-line" },
      h("output", { class: "code", "aria-label": model.label }, model.code),
      copyButton(state, model.copy, model.code),
    ),
    h("p", { class: "hint expires" }, model.expires),
  );
}

function actions(state: PageState): Child {
  const { actions: commands, dashboard } = state.model.connection;
  if (commands.length === 0 && dashboard === null) return null;
  return h(
    "div",
    { key: "actions", class: "actions" },
    ...commands.map((command) => commandButton(state, "connection", command)),
    dashboard !== null &&
      button(
        dashboard.label,
        "plain",
        () => void state.ask("connection", () => state.agent.open(dashboard.url)),
        { key: "dashboard" },
        glyph("open"),
      ),
  );
}
