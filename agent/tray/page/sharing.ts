import { schedule } from "./schedule.ts";
import type { PageState } from "./state.ts";
import { h, type VNode } from "./vnode.ts";
import { button, card, numberRow, problemAt, toggleRow } from "./widgets.ts";

/** Where the rule about other programs begins when it is switched on, percent. */
const USUAL_GPU_THRESHOLD = 30;

export function sharingPanel(state: PageState): VNode[] {
  const { sharing } = state.model;
  return [
    h(
      "section",
      { key: "state", class: `card state tone-${sharing.state.tone}` },
      h("h2", { class: "state-headline" }, sharing.state.headline),
      sharing.state.detail !== null && h("p", { class: "state-detail" }, sharing.state.detail),
      pause(state),
      problemAt(state, "pause"),
    ),
    card(
      sharing.when,
      toggleRow(state, "mains", sharing.mains, (on) => ({ sharing: { mains_only: on } })),
      toggleRow(state, "full-screen", sharing.full_screen, (on) => ({
        sharing: { yield_to_full_screen: on },
      })),
      toggleRow(state, "gpu", sharing.gpu, (on) => ({
        sharing: { gpu_threshold: on ? USUAL_GPU_THRESHOLD : null },
      })),
      sharing.gpu_level.value !== null &&
        numberRow(state, "gpu-level", sharing.gpu_level, (value) => ({
          // An emptied field means the usual, not that the rule is off: that is the switch above.
          sharing: { gpu_threshold: value ?? USUAL_GPU_THRESHOLD },
        })),
      schedule(state, sharing.schedule),
    ),
    card(
      sharing.much,
      numberRow(state, "concurrency", sharing.concurrency, (value) => ({ max_concurrency: value })),
      toggleRow(state, "manage", sharing.manage, (on) => ({ allow_manage: on })),
      toggleRow(state, "cloud", sharing.cloud, (on) => ({ allow_cloud: on })),
    ),
  ];
}

function pause(state: PageState): VNode {
  const { sharing } = state.model;
  const busy = state.isBusy("pause");
  if (sharing.resume !== null) {
    return h(
      "div",
      { key: "resume", class: "actions" },
      button(
        sharing.resume,
        "primary",
        () => void state.ask("pause", () => state.agent.perform({ type: "resume" })),
        { disabled: busy },
      ),
    );
  }
  return h(
    "div",
    { key: "pause", class: "pause" },
    h(
      "div",
      {
        class: "actions",
        role: "group",
        "aria-label": sharing.pause.label,
        "aria-describedby": "pause-hint",
      },
      h("span", { class: "actions-label", "aria-hidden": "true" }, sharing.pause.label),
      ...sharing.pause.choices.map((choice) =>
        button(choice.label, "plain", () => void state.ask("pause", () => state.agent.pause(choice.pause)), {
          key: choice.pause,
          disabled: busy,
        }),
      ),
    ),
    h("p", { id: "pause-hint", class: "hint" }, sharing.pause.hint),
  );
}
