import { expect, test } from "vitest";
import { chooseLanguage } from "./language.ts";
import { WORDS } from "./text/words.ts";

test("the owner's choice wins, then the system's first known language, then English", () => {
  expect(chooseLanguage("en", ["ja-JP"])).toBe("en");
  expect(chooseLanguage("", ["fr-FR", "ja-JP", "en-US"])).toBe("ja");
  expect(chooseLanguage("", ["ja_JP"])).toBe("ja");
  expect(chooseLanguage("", ["fr-FR"])).toBe("en");
  expect(chooseLanguage("", [])).toBe("en");
});

test("no text is empty, and none was left in English by mistake", () => {
  const same: string[] = [];
  const compare = (english: unknown, japanese: unknown, path: string): void => {
    if (typeof english === "string") {
      expect(english, path).not.toBe("");
      if (english === japanese) same.push(path);
      return;
    }
    if (typeof english !== "object" || english === null) return;
    if (typeof japanese !== "object" || japanese === null) throw new Error(`${path} has no Japanese`);
    for (const [key, value] of Object.entries(english)) {
      compare(value, Reflect.get(japanese, key), `${path}.${key}`);
    }
  };
  compare(WORDS.en, WORDS.ja, "");
  // Names and examples.
  expect(same).toEqual([
    ".product",
    ".window.title",
    ".tabs.ollama",
    ".address.placeholder",
    ".ollama.title",
    ".ollama.addPlaceholder",
  ]);
});
