import type { CommandResult } from "../../program/command.ts";
import type { SettingsChange } from "../ipc.ts";
import type { CommandButton, NumberModel, ToggleModel } from "../window-model.ts";
import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { type Child, h, type Props, type VNode } from "./vnode.ts";

export function card(title: string | null, ...children: (Child | readonly Child[])[]): VNode {
  return h("section", { class: "card" }, title !== null && h("h2", {}, title), ...children);
}

export function problemAt(state: PageState, id: string): Child {
  const problem = state.problem(id);
  return (
    problem !== null &&
    h("p", { key: `${id}-problem`, id: `${id}-problem`, class: "problem", role: "alert" }, problem)
  );
}

/** Why a setting is fixed, in words beside the padlock. */
export function lockNote(state: PageState, id: string, locked: string | null): Child {
  return (
    locked !== null &&
    h(
      "p",
      { key: `${id}-locked`, id: `${id}-locked`, class: "locked" },
      h("span", { class: "badge" }, glyph("lock"), state.model.common.locked),
      ` ${locked}`,
    )
  );
}

/** The ids of what explains a control, for whoever cannot see that it stands beside it. */
export function describedBy(state: PageState, id: string, field: { hint: string; locked: string | null }) {
  const ids = [
    field.hint !== "" && `${id}-hint`,
    field.locked !== null && `${id}-locked`,
    state.problem(id) !== null && `${id}-problem`,
  ].filter((part) => part !== false);
  return ids.length === 0 ? undefined : ids.join(" ");
}

export function toggleRow(
  state: PageState,
  id: string,
  model: ToggleModel,
  changed: (on: boolean) => SettingsChange,
): VNode {
  const on = state.chosen(id, model.checked);
  return h(
    "div",
    { key: id, class: model.locked === null ? "row" : "row is-locked" },
    h(
      "div",
      { class: "row-text" },
      h("label", { for: id, class: "row-label" }, model.label),
      h("p", { id: `${id}-hint`, class: "hint" }, model.hint),
      lockNote(state, id, model.locked),
      problemAt(state, id),
    ),
    h("input", {
      id,
      class: "switch",
      type: "checkbox",
      role: "switch",
      checked: on,
      disabled: model.locked !== null,
      "aria-describedby": describedBy(state, id, model),
      on: { change: () => void state.choose(id, !on, () => state.agent.change(changed(!on))) },
    }),
  );
}

export function numberRow(
  state: PageState,
  id: string,
  model: NumberModel,
  changed: (value: number | null) => SettingsChange,
): VNode {
  const shown = state.draft(id) ?? (model.value === null ? "" : String(model.value));
  const save = async (text: string): Promise<void> => {
    const value = text.trim() === "" ? null : Number(text);
    if (value === model.value) return state.dropDraft(id);
    if (await state.ask(id, () => state.agent.change(changed(value)))) state.dropDraft(id);
  };
  return h(
    "div",
    { key: id, class: model.locked === null ? "row" : "row is-locked" },
    h(
      "div",
      { class: "row-text" },
      h("label", { for: id, class: "row-label" }, model.label),
      h("p", { id: `${id}-hint`, class: "hint" }, model.hint),
      lockNote(state, id, model.locked),
      problemAt(state, id),
    ),
    h("input", {
      id,
      class: "number",
      type: "number",
      min: model.min,
      max: model.max,
      step: 1,
      inputmode: "numeric",
      placeholder: model.placeholder,
      value: shown,
      disabled: model.locked !== null,
      "aria-describedby": describedBy(state, id, model),
      "aria-invalid": state.problem(id) !== null && "true",
      on: {
        input: (event) => state.type(id, inputOf(event).value),
        change: (event) => {
          const input = inputOf(event);
          if (input.validity.valid) void save(input.value);
          else state.refuse(id, model.problem);
        },
      },
    }),
  );
}

export function button(
  label: string,
  look: CommandButton["look"],
  press: () => void,
  props: Props = {},
  icon: Child = null,
): VNode {
  return h(
    "button",
    { type: "button", class: `button ${look}`, on: { click: () => press() }, ...props },
    icon,
    h("span", {}, label),
  );
}

export function commandButton(state: PageState, id: string, model: CommandButton): VNode {
  const run = (): void => void state.ask(id, () => inOrder(state, model.commands));
  const { confirm } = model;
  const press = (): void => {
    if (confirm === null) run();
    else state.confirm({ text: confirm, yes: model.label, run });
  };
  return button(model.label, model.look, press, {
    key: `${id}-${model.commands[0]?.type}`,
    disabled: !model.enabled || state.isBusy(id),
  });
}

async function inOrder(state: PageState, commands: CommandButton["commands"]): Promise<CommandResult> {
  for (const command of commands) {
    const result = await state.agent.perform(command);
    if (!result.ok) return result;
  }
  return { ok: true };
}

export function copyButton(state: PageState, label: string, text: string): VNode {
  const copied = state.copied === text;
  return button(
    copied ? state.model.common.copied : label,
    "plain",
    () => void state.copy(text),
    { key: "copy" },
    glyph("copy"),
  );
}

export function inputOf(event: Event): HTMLInputElement {
  if (event.currentTarget instanceof HTMLInputElement) return event.currentTarget;
  throw new Error("not an input");
}
