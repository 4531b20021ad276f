import { computed, effect, signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

const found = kept("theme");
/** What was chosen; `system` follows the browser. */
export const theme = signal<Theme>(found === "light" || found === "dark" ? found : "system");
/** What is shown. */
export const isDark = computed(() => (theme.value === "system" ? systemDark.value : theme.value === "dark"));

export function chooseTheme(choice: Theme): void {
  theme.value = choice;
  keep("theme", choice === "system" ? null : choice);
}

/** Styles look at the attribute alone, so that a choice and the system's wish have one meaning. */
effect(() => {
  document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
});
