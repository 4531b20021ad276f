import { isSea } from "node:sea";

/** How this program is started again: a single executable by itself, otherwise Node as it was started, with the script. */
export function programCommand(): [program: string, ...args: string[]] {
  const { execPath, execArgv, argv } = process;
  const [, script] = argv;
  return isSea() || script === undefined ? [execPath] : [execPath, ...execArgv, script];
}
