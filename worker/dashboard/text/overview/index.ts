import { texts } from "../../lib/language.ts";
import { en, type Text } from "./en.ts";
import { ja } from "./ja.ts";

export const overviewText = texts<Text>({ en, ja });
