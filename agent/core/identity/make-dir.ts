import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * As `mkdir -p`, for its user only. Node's own `recursive` never returns where a directory is there and cannot take another
 * one, as in `/proc`: the system says of both "no such file".
 * @throws the system's error
 */
export function makeDir(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const parent = dirname(dir);
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || existsSync(parent)) throw error;
    makeDir(parent);
    mkdirSync(dir, { mode: 0o700 });
  }
}

/** Whether it is there now; what is wrong otherwise is for whoever needs it to say. */
export function canMakeDir(dir: string): boolean {
  try {
    makeDir(dir);
    return true;
  } catch {
    return false;
  }
}
