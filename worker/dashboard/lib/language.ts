import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

function isLanguage(text: string | null | undefined): text is Language {
  return LANGUAGES.some((language) => language === text);
}

function ofBrowser(): Language {
  for (const wish of navigator.languages) {
    const [short] = wish.split("-");
    if (isLanguage(short)) return short;
  }
  return "en";
}

const found = kept("language");
export const language = signal<Language>(isLanguage(found) ? found : ofBrowser());

export function chooseLanguage(choice: Language): void {
  language.value = choice;
  keep("language", choice);
}

effect(() => {
  document.documentElement.lang = language.value;
});

/** The texts of one area in the language of the page; read `.value` inside a component. */
export function texts<Text>(all: { en: Text; ja: Text }): ReadonlySignal<Text> {
  return computed(() => all[language.value]);
}
