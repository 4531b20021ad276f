import type { Language } from "../language.ts";
import { facts } from "./ollama.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { card, describedBy, inputOf, lockNote, problemAt, toggleRow } from "./widgets.ts";

const NAME = "name";
const LANGUAGE = "language";

export function generalPanel(state: PageState): VNode[] {
  const { general } = state.model;
  return [
    card(
      null,
      nameForm(state),
      toggleRow(state, "auto-start", general.auto_start, (on) => ({ auto_start: on })),
      language(state),
    ),
    card(general.about, facts(general.facts)),
  ];
}

function nameForm(state: PageState): VNode {
  const { name } = state.model.general;
  const text = state.draft(NAME) ?? name.value;
  const save = async (): Promise<void> => {
    const change = { name: text.trim() === "" ? null : text.trim() };
    if (await state.ask(NAME, () => state.agent.change(change))) state.dropDraft(NAME);
  };
  return h(
    "form",
    {
      key: "name-form",
      class: "name-form",
      on: {
        submit: (event) => {
          event.preventDefault();
          void save();
        },
      },
    },
    h("label", { for: NAME, class: "field-label" }, name.label),
    h(
      "div",
      { class: "input-line" },
      h("input", {
        id: NAME,
        class: "text",
        type: "text",
        maxlength: 200,
        autocomplete: "off",
        spellcheck: "false",
        placeholder: name.placeholder,
        value: text,
        disabled: name.locked !== null,
        "aria-describedby": describedBy(state, NAME, name),
        on: { input: (event) => state.type(NAME, inputOf(event).value) },
      }),
      name.locked === null &&
        h(
          "button",
          {
            type: "submit",
            class: "button plain",
            disabled: text.trim() === name.value || state.isBusy(NAME),
          },
          h("span", {}, name.save),
        ),
    ),
    h("p", { id: `${NAME}-hint`, class: "hint" }, name.hint),
    lockNote(state, NAME, name.locked),
    problemAt(state, NAME),
  );
}

function language(state: PageState): VNode {
  const { language: model } = state.model.general;
  const choose = (event: Event): void => {
    const picked = model.choices.find(
      ({ value }) => event.currentTarget instanceof HTMLSelectElement && value === event.currentTarget.value,
    );
    if (picked === undefined) return;
    const value: "" | Language = picked.value;
    void state.choose(LANGUAGE, value, () => state.agent.change({ language: value }));
  };
  return h(
    "div",
    { key: LANGUAGE, class: model.locked === null ? "row" : "row is-locked" },
    h(
      "div",
      { class: "row-text" },
      h("label", { for: LANGUAGE, class: "row-label" }, model.label),
      h("p", { id: `${LANGUAGE}-hint`, class: "hint" }, model.hint),
      lockNote(state, LANGUAGE, model.locked),
      problemAt(state, LANGUAGE),
    ),
    h(
      "select",
      {
        id: LANGUAGE,
        class: "select",
        value: state.chosen(LANGUAGE, model.value),
        disabled: model.locked !== null,
        "aria-describedby": describedBy(state, LANGUAGE, model),
        on: { change: choose },
      },
      ...model.choices.map(({ value, label }) =>
        h("option", { key: value, value, lang: value === "" ? undefined : value }, label),
      ),
    ),
  );
}
