import type { Text } from "./en.ts";

export const ja = {
  empty: "まだ何もありません。",
} satisfies Text;
