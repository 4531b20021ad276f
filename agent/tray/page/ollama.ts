import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { card, commandButton, describedBy, inputOf, problemAt, toggleRow } from "./widgets.ts";

const ADD = "add-model";

export function ollamaPanel(state: PageState): VNode[] {
  const { ollama } = state.model;
  return [
    card(
      null,
      facts(ollama.facts),
      ollama.problem !== null && h("p", { key: "problem", class: "problem" }, ollama.problem),
      ollama.update !== null &&
        h("p", { key: "update", class: "news" }, h("span", { class: "badge good" }, ollama.update)),
      ollama.actions.length > 0 &&
        h(
          "div",
          { key: "actions", class: "actions" },
          ...ollama.actions.map((action) => commandButton(state, "ollama", action)),
        ),
      problemAt(state, "ollama"),
    ),
    card(ollama.models.title, models(state), addModel(state)),
    card(
      null,
      toggleRow(state, "auto-update", ollama.auto_update, (on) => ({ auto_update: on })),
    ),
  ];
}

export function facts(items: readonly { label: string; value: string }[]): VNode {
  return h(
    "dl",
    { class: "facts" },
    ...items.flatMap(({ label, value }) => [h("dt", {}, label), h("dd", {}, value)]),
  );
}

function models(state: PageState): VNode {
  const { models: model } = state.model.ollama;
  if (model.items.length === 0) return h("p", { key: "none", class: "empty" }, model.empty);
  return h(
    "ul",
    { key: "models", class: "models" },
    ...model.items.map(({ name, size, loaded }) =>
      h(
        "li",
        { key: name },
        h("span", { class: "model-name" }, name),
        loaded !== null && h("span", { class: "badge good" }, loaded),
        size !== null && h("span", { class: "model-size" }, size),
      ),
    ),
  );
}

function addModel(state: PageState): VNode {
  const { add } = state.model.ollama;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const model = (state.draft(ADD) ?? "").trim();
    if (model === "") {
      state.refuse(ADD, add.empty);
      document.getElementById(ADD)?.focus();
    } else if (await state.ask(ADD, () => state.agent.perform({ type: "pull", model }))) state.dropDraft(ADD);
  };
  return h(
    "form",
    { key: "add", class: "add", novalidate: true, on: { submit: (event) => void submit(event) } },
    h("label", { for: ADD, class: "field-label" }, add.label),
    h(
      "div",
      { class: "input-line" },
      h("input", {
        id: ADD,
        class: "text",
        type: "text",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
        placeholder: add.placeholder,
        value: state.draft(ADD) ?? "",
        "aria-describedby": describedBy(state, ADD, { hint: add.hint, locked: null }),
        "aria-invalid": state.problem(ADD) !== null && "true",
        on: { input: (event) => state.type(ADD, inputOf(event).value) },
      }),
      h(
        "button",
        { type: "submit", class: "button primary", disabled: add.busy !== null || state.isBusy(ADD) },
        glyph("plus"),
        h("span", {}, add.button),
      ),
    ),
    h("p", { id: `${ADD}-hint`, class: "hint" }, add.busy ?? add.hint),
    problemAt(state, ADD),
  );
}
