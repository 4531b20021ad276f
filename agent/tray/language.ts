export const LANGUAGES = ["en", "ja"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language to speak: what the owner has set, else the first of the system's that is known, else English. */
export function chooseLanguage(setting: "" | Language, system: readonly string[]): Language {
  if (setting !== "") return setting;
  for (const tag of system) {
    const known = LANGUAGES.find((language) => tag.toLowerCase().split(/[-_]/)[0] === language);
    if (known !== undefined) return known;
  }
  return "en";
}
