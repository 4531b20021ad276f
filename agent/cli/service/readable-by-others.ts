import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The first on the way to a file that other users may not enter or read, as a home directory; undefined when they may read it. */
export async function closedToOthers(file: string): Promise<string | undefined> {
  const path = resolve(file);
  const dirs: string[] = [];
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    dirs.unshift(dir);
    if (dir === dirname(dir)) break;
  }
  for (const dir of dirs) if (((await stat(dir)).mode & 0o001) === 0) return dir;
  return ((await stat(path)).mode & 0o004) === 0 ? path : undefined;
}
