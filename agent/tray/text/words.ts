import type { Language } from "../language.ts";
import { en, type Words } from "./en.ts";
import { ja } from "./ja.ts";

export const WORDS: Record<Language, Words> = { en, ja };
