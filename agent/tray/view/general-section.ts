import type { WindowModel } from "../window-model.ts";
import { type Context, lockedBecause } from "./context.ts";
import { setting } from "./sharing-section.ts";

/** Each in its own language, so that whoever landed in the wrong one finds the way back. */
const LANGUAGE_NAMES = [
  { value: "en", label: "English" },
  { value: "ja", label: "日本語" },
] as const;

export function generalSection(context: Context, appVersion: string): WindowModel["general"] {
  const { status, settings, words, format } = context;
  return {
    title: words.general.title,
    name: {
      label: words.general.name,
      hint: words.general.nameHint,
      locked: lockedBecause(context, "name"),
      value: settings.name ?? "",
      placeholder: status.name,
      save: words.common.save,
    },
    auto_start: setting(context, "auto_start", words.general.autoStart, words.general.autoStartHint),
    language: {
      label: words.general.language,
      hint: words.general.languageHint,
      locked: lockedBecause(context, "language"),
      value: settings.language,
      choices: [{ value: "", label: words.general.languageSystem }, ...LANGUAGE_NAMES],
    },
    about: words.general.about,
    facts: [
      { label: words.general.version, value: appVersion },
      { label: words.general.answered, value: format.count(status.answered) },
      { label: words.general.stateDir, value: status.state_dir },
    ],
  };
}
