import { open, rm, stat } from "node:fs/promises";
import type { Clock } from "../../core/clock.ts";
import { codeOf } from "../../core/network-error.ts";
import { ControlError } from "./control-error.ts";

/** Starting takes milliseconds; a file this old is of one that died on the way. */
const STALE_MS = 10_000;
const RETRY_MS = 50;

/**
 * Runs `task` while no other agent of the directory does: of two that find a dead agent's socket, the second would remove
 * the one that the first has just put in its place.
 */
export async function withStartLock<T>(path: string, clock: Clock, task: () => Promise<T>): Promise<T> {
  const began = clock.now();
  while (!(await take(path))) {
    if (clock.now() - began > STALE_MS) {
      throw new ControlError("busy", `another agent is starting: when there is none, delete ${path}`);
    }
    await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
  }
  try {
    return await task();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const found = await stat(path).catch((error) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  // The system's time beside the file's: a clock that was put back makes it wait, not go wrong.
  if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { force: true });
  return false;
}
