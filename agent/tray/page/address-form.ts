import { readAddress } from "../address.ts";
import type { AddressModel } from "../window-model.ts";
import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { button, describedBy, inputOf, lockNote, problemAt } from "./widgets.ts";

const ID = "address";

/** Where the coordinator's address is typed or pasted; it is read as a person means it. */
export function addressForm(state: PageState, model: AddressModel): VNode {
  const text = state.draft(ID) ?? model.value;
  const typed = readAddress(text);
  const save = async (): Promise<void> => {
    const address = readAddress(state.draft(ID) ?? model.value);
    if (!address.ok) {
      state.refuse(ID, model.problems[address.problem]);
      document.getElementById(ID)?.focus();
      return;
    }
    if (await state.ask(ID, () => state.agent.change({ coordinator_url: address.url }))) state.dropDraft(ID);
    else document.getElementById(ID)?.focus();
  };
  const paste = async (): Promise<void> => {
    const pasted = await state.agent.paste();
    if (pasted === "") state.refuse(ID, model.paste_empty);
    else state.type(ID, pasted);
    document.getElementById(ID)?.focus();
  };
  return h(
    "form",
    {
      key: "address-form",
      class: "address-form",
      // The page words what is wrong, in its own language.
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void save();
        },
      },
    },
    h("label", { for: ID, class: "field-label" }, model.label),
    h(
      "div",
      { class: "input-line" },
      h("input", {
        id: ID,
        class: "text",
        // Not "url": that would ask for the scheme that is added here.
        type: "text",
        inputmode: "url",
        autocomplete: "off",
        autocapitalize: "none",
        spellcheck: "false",
        placeholder: model.placeholder,
        value: text,
        disabled: model.locked !== null,
        "aria-describedby": describedBy(state, ID, model),
        "aria-invalid": state.problem(ID) !== null && "true",
        on: { input: (event) => state.type(ID, inputOf(event).value) },
      }),
      model.locked === null &&
        button(model.paste, "plain", () => void paste(), { key: "paste" }, glyph("paste")),
      model.locked === null &&
        h(
          "button",
          {
            type: "submit",
            class: `button ${text === model.value && text !== "" ? "plain" : "primary"}`,
            disabled: state.isBusy(ID),
          },
          h("span", {}, model.button),
        ),
    ),
    h("p", { id: `${ID}-hint`, class: "hint" }, model.hint),
    lockNote(state, ID, model.locked),
    problemAt(state, ID),
    typed.ok &&
      typed.exposed &&
      h("p", { key: "exposed", class: "caution" }, glyph("warning"), h("span", {}, model.exposed)),
  );
}
