import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";

/** How this program is started again: a single executable by itself, otherwise Node as it was started, with the script. */
export function programCommand(): [program: string, ...args: string[]] {
  if (isSea()) return [process.execPath];
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL("../main.ts", import.meta.url))];
}
