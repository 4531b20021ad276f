import type { ScheduleEntry } from "../../program/owner-settings.ts";
import type { ScheduleModel } from "../window-model.ts";
import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { button, inputOf, problemAt, toggleRow } from "./widgets.ts";

const ID = "schedule";
/** What a first time looks like: the nights, when a machine at home has nothing else to do. */
const NIGHTS: ScheduleEntry = { days: [0, 1, 2, 3, 4, 5, 6], from: "22:00", to: "07:00" };

/** When the machine is shared: a switch, and below it one line for each time. */
export function schedule(state: PageState, model: ScheduleModel): VNode {
  const entries = state.chosen(
    ID,
    model.entries.map(({ entry }) => entry),
  );
  const save = (next: readonly ScheduleEntry[]): void =>
    void state.choose(ID, next, () => state.agent.change({ sharing: { schedule: [...next] } }));
  return h(
    "div",
    { key: "schedule-part", class: "schedule" },
    toggleRow(state, "schedule-on", { ...model, checked: model.on }, (on) => ({
      sharing: { schedule: on ? [NIGHTS] : [] },
    })),
    problemAt(state, ID),
    // Names of lines come from the model; a line that is not there yet has none for a moment.
    ...entries.flatMap((entry, at) => {
      const words = model.entries[at];
      if (words === undefined) return [];
      const replace = (change: Partial<ScheduleEntry>): void =>
        save(entries.map((other, index) => (index === at ? { ...other, ...change } : other)));
      return h(
        "fieldset",
        { key: `entry-${at}`, class: "entry", disabled: model.locked !== null },
        h("legend", { class: "visually-hidden" }, words.label),
        h(
          "div",
          { class: "entry-head" },
          days(model, entry, at, replace),
          button(model.remove, "plain", () => save(entries.filter((_, index) => index !== at)), {
            key: "remove",
            "aria-label": words.remove_label,
            class: "button plain remove",
          }),
        ),
        h(
          "div",
          { class: "times" },
          time(state, model.from, `from-${at}`, entry.from, (from) => replace({ from })),
          time(state, model.to, `to-${at}`, entry.to, (to) => replace({ to })),
          words.note !== null && h("span", { class: "hint" }, words.note),
        ),
      );
    }),
    model.on &&
      model.locked === null &&
      button(model.add, "plain", () => save([...entries, NIGHTS]), { key: "add" }, glyph("plus")),
  );
}

function days(
  model: ScheduleModel,
  entry: ScheduleEntry,
  at: number,
  replace: (change: Partial<ScheduleEntry>) => void,
): VNode {
  return h(
    "div",
    { class: "days", role: "group", "aria-label": model.days },
    ...model.day_labels.map(({ short, long }, day) => {
      const id = `day-${at}-${day}`;
      const on = entry.days.includes(day);
      const next = on ? entry.days.filter((other) => other !== day) : [...entry.days, day].sort();
      return h(
        "span",
        { key: id, class: "day" },
        h("input", {
          id,
          type: "checkbox",
          "aria-label": long,
          checked: on,
          // A time on no day is none: it is removed by its button.
          on: { change: (event) => (next.length === 0 ? undo(event) : replace({ days: next })) },
        }),
        h("label", { for: id, title: long, "aria-hidden": "true" }, short),
      );
    }),
  );
}

function undo(event: Event): void {
  inputOf(event).checked = true;
}

function time(
  state: PageState,
  label: string,
  id: string,
  value: string,
  changed: (value: string) => void,
): VNode {
  return h(
    "label",
    { key: id, class: "time" },
    h("span", {}, label),
    h("input", {
      id,
      type: "time",
      required: true,
      value: state.draft(id) ?? value,
      on: {
        // Half a time is an empty value: it is kept as it is until it is whole, or left.
        input: (event) => state.type(id, inputOf(event).value),
        blur: (event) => {
          const typed = inputOf(event).value;
          state.dropDraft(id);
          if (typed !== "" && typed !== value) changed(typed);
        },
      },
    }),
  );
}
