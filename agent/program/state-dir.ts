import { homedir } from "node:os";
import { join } from "node:path";

/** Where an agent keeps its identity when it is not told. */
export function defaultStateDir(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  home: string = homedir(),
): string {
  const base =
    platform === "win32"
      ? env.LOCALAPPDATA || join(home, "AppData", "Local")
      : env.XDG_STATE_HOME || join(home, ".local", "state");
  return join(base, "ollama-coordinator");
}
