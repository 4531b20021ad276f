import type { CommandButton, WindowModel } from "../window-model.ts";
import type { Context } from "./context.ts";
import { setting } from "./sharing-section.ts";

type Section = WindowModel["ollama"];

export function ollamaSection(context: Context): Section {
  const { status, words, format } = context;
  const { ollama } = status;
  return {
    title: words.ollama.title,
    facts: [
      { label: words.ollama.state, value: words.ollama.states[ollama.state] },
      { label: words.ollama.source, value: words.ollama.sources[ollama.source] },
      ...(ollama.version === null ? [] : [{ label: words.ollama.version, value: ollama.version }]),
      ...(ollama.source === "none" ? [] : [{ label: words.ollama.address, value: ollama.url }]),
    ],
    problem: ollama.problem,
    update: ollama.update === null ? null : words.ollama.updateAvailable(ollama.update),
    actions: actionsOf(context),
    auto_update: setting(context, "auto_update", words.ollama.autoUpdate, words.ollama.autoUpdateHint),
    models: {
      title: words.ollama.models,
      empty: words.ollama.modelsEmpty,
      items: ollama.models.map(({ name, size, loaded }) => ({
        name,
        size: size === null ? null : format.bytes(size),
        loaded: loaded ? words.ollama.loaded : null,
      })),
    },
    add: {
      label: words.ollama.addModel,
      hint: words.ollama.addHint,
      placeholder: words.ollama.addPlaceholder,
      button: words.ollama.addButton,
      empty: words.ollama.addProblem,
      busy: whyNotNow(context),
    },
  };
}

function whyNotNow({ status, words }: Context): string | null {
  if (status.job !== null) return words.ollama.busy;
  return status.ollama.state === "ok" ? null : words.ollama.needed;
}

/** Only what makes sense here: somebody's own Ollama is theirs to update and to remove. */
function actionsOf({ status, words }: Context): CommandButton[] {
  const { ollama } = status;
  const enabled = status.job === null;
  const button = (
    more: Pick<CommandButton, "label" | "commands"> & Partial<CommandButton>,
  ): CommandButton => ({
    enabled,
    look: "plain",
    confirm: null,
    ...more,
  });
  if (ollama.source === "none") {
    // The question is the same button, with what it means.
    if (status.question !== null && status.question.kind !== "pull") return [];
    return [button({ label: words.ollama.install, commands: [{ type: "install" }], look: "primary" })];
  }
  if (ollama.source === "attached") return [];
  const buttons: CommandButton[] = [];
  if (ollama.update !== null) {
    const label = words.ollama.update(ollama.update);
    buttons.push(button({ label, commands: [{ type: "update" }], look: "primary" }));
  }
  if (ollama.previous !== null) {
    buttons.push(
      button({
        label: words.ollama.rollback(ollama.previous),
        commands: [{ type: "rollback" }],
        confirm: words.ollama.rollbackConfirm(ollama.previous),
      }),
    );
  }
  buttons.push(
    button({
      label: words.ollama.uninstall,
      commands: [{ type: "uninstall" }],
      look: "danger",
      confirm: words.ollama.uninstallConfirm,
    }),
  );
  return buttons;
}
