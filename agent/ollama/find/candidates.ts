import { posix, win32 } from "node:path";
import type { Env } from "../../core/proxy-env.ts";

export interface Place {
  env: Env;
  platform: NodeJS.Platform;
  home: string;
}

export type Origin = "path" | "desktop-app" | "usual-place";

export interface Candidate {
  path: string;
  origin: Origin;
}

/** Where an `ollama` program may be, the one that the user's own shell would run first. */
export function candidates(place: Place): Candidate[] {
  const { join } = pathsOf(place.platform);
  const program = place.platform === "win32" ? "ollama.exe" : "ollama";
  const found = [
    ...searchPath(place).map((dir) => ({ dir, origin: "path" as const })),
    ...desktopAppDirs(place).map((dir) => ({ dir, origin: "desktop-app" as const })),
    ...usualDirs(place).map((dir) => ({ dir, origin: "usual-place" as const })),
  ];
  const known = new Set<string>();
  return found.flatMap(({ dir, origin }) => {
    const path = join(dir, program);
    const key = place.platform === "win32" ? path.toLowerCase() : path;
    if (known.has(key)) return [];
    known.add(key);
    return [{ path, origin: isDesktopApp(place, path) ? "desktop-app" : origin }];
  });
}

/** Whether this program came with the desktop app, which starts and updates its own server; `path` without links. */
export function isDesktopApp(place: Place, path: string): boolean {
  const { dirname } = pathsOf(place.platform);
  const same = (dir: string): boolean =>
    place.platform === "win32" ? dir.toLowerCase() === dirname(path).toLowerCase() : dir === dirname(path);
  return desktopAppDirs(place).some(same);
}

function desktopAppDirs({ env, platform, home }: Place): string[] {
  if (platform === "win32") return [win32.join(localAppData(env, home), "Programs", "Ollama")];
  if (platform !== "darwin") return [];
  const inside = "Applications/Ollama.app/Contents/Resources";
  return [posix.join("/", inside), posix.join(home, inside)];
}

function usualDirs({ env, platform, home }: Place): string[] {
  if (platform === "win32") {
    const programs = variableOf(env, "ProgramFiles") ?? "C:\\Program Files";
    return [win32.join(programs, "Ollama"), win32.join(home, "scoop", "shims")];
  }
  const own = [posix.join(home, ".local", "bin")];
  if (platform === "darwin") return ["/opt/homebrew/bin", "/usr/local/bin", ...own];
  return ["/usr/local/bin", "/usr/bin", "/opt/ollama/bin", "/snap/bin", ...own];
}

/** Only absolute entries: a relative one would run what lies in the directory where the agent was started. */
function searchPath({ env, platform }: Place): string[] {
  const { delimiter, isAbsolute } = pathsOf(platform);
  const path = platform === "win32" ? variableOf(env, "path") : env.PATH;
  return (path ?? "")
    .split(delimiter)
    .map((dir) => (platform === "win32" ? dir.replace(/^"|"$/g, "") : dir))
    .filter((dir) => isAbsolute(dir));
}

function localAppData(env: Env, home: string): string {
  return variableOf(env, "LOCALAPPDATA") ?? win32.join(home, "AppData", "Local");
}

/** Windows has one variable for all spellings; a copy of its environment has only one of them. */
function variableOf(env: Env, name: string): string | undefined {
  const key = Object.keys(env).find((known) => known.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : env[key] || undefined;
}

function pathsOf(platform: NodeJS.Platform): typeof posix {
  return platform === "win32" ? win32 : posix;
}
