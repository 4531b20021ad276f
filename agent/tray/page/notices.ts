import { glyph } from "./glyphs.ts";
import type { PageState } from "./state.ts";
import { type Child, h } from "./vnode.ts";
import { button, problemAt } from "./widgets.ts";

/** What concerns the whole machine, above every section. */
export function notices(state: PageState): Child[] {
  return [question(state), failure(state), job(state)];
}

function question(state: PageState): Child {
  const { question: model } = state.model;
  if (model === null) return null;
  const answer = (yes: boolean): void =>
    // Between the look and the click it may have become another question.
    void state.ask("question", () => state.agent.perform({ type: "answer", yes, to: model.kind }));
  const disabled = state.isBusy("question");
  return h(
    "section",
    { key: "question", class: "notice question", "aria-labelledby": "question-title" },
    glyph("question"),
    h(
      "div",
      { class: "notice-text" },
      h("h2", { id: "question-title" }, model.title),
      h("p", {}, model.detail),
      h(
        "div",
        { class: "actions" },
        button(model.yes, "primary", () => answer(true), { key: "yes", disabled }),
        button(model.no, "plain", () => answer(false), { key: "no", disabled }),
      ),
      problemAt(state, "question"),
    ),
  );
}

function failure(state: PageState): Child {
  const { failure: model } = state.model;
  return (
    model !== null &&
    h(
      "section",
      { key: "failure", class: "notice failure", role: "alert" },
      glyph("warning"),
      h("div", { class: "notice-text" }, h("h2", {}, model.title), h("p", {}, model.detail)),
    )
  );
}

function job(state: PageState): Child {
  const { job: model } = state.model;
  if (model === null) return null;
  const percent = model.fraction === null ? undefined : Math.floor(model.fraction * 100);
  return h(
    "section",
    { key: "job", class: "notice job", "aria-labelledby": "job-title" },
    h(
      "div",
      { class: "notice-text" },
      h(
        "div",
        { class: "job-head" },
        h("h2", { id: "job-title" }, model.title),
        model.percent !== null && h("span", { class: "percent" }, model.percent),
      ),
      h("progress", {
        // Without a value the bar moves to and fro.
        key: percent === undefined ? "unknown" : "known",
        "aria-labelledby": "job-title",
        max: 100,
        value: percent === undefined ? undefined : String(percent),
      }),
      h(
        "div",
        { class: "job-foot" },
        h("span", { role: "status" }, model.step),
        h("span", { class: "job-facts" }, model.facts.join(" · ")),
        button(
          model.cancel,
          "plain",
          () => void state.ask("job", () => state.agent.perform({ type: "cancel" })),
          { key: "cancel", disabled: state.isBusy("job") },
        ),
      ),
      model.problem !== null &&
        h("p", { key: "problem", class: "caution" }, glyph("warning"), h("span", {}, model.problem)),
      problemAt(state, "job"),
    ),
  );
}
