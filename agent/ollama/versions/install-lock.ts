import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { makeDir } from "../../core/identity/make-dir.ts";
import { codeOf } from "../../core/network-error.ts";
import { fileError, InstallError } from "../install-error.ts";

const owner = z.object({ pid: z.number().int().positive(), started: z.string().nullable(), id: z.string() });

/** Locks of this process: after a restart in a container the dead one had the same pid. */
const held = new Set<string>();

/** Keeps two installs off one state directory. @returns what gives it back. @throws InstallError `busy` */
export async function takeInstallLock(path: string): Promise<() => Promise<void>> {
  const id = randomUUID();
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid), id });
  try {
    makeDir(dirname(path));
    for (let attempt = 0; attempt < 5; attempt++) {
      if (await create(path, mine)) {
        held.add(id);
        return async () => {
          held.delete(id);
          await rm(path, { force: true });
        };
      }
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text !== undefined && holds(text)) break;
      if (text !== undefined) await clear(path, text, id);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  throw new InstallError(
    "busy",
    `another install is under way in ${dirname(path)}: wait for it to end (if there is none, delete ${path})`,
  );
}

/** With its content from the first moment on: a lock that is still empty would look like a stale one. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Takes a stale lock away, and puts it back where another process was quicker and the lock is its new one. */
async function clear(path: string, stale: string, id: string): Promise<void> {
  const aside = `${path}.${id}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

function holds(text: string): boolean {
  const parsed = owner.safeParse(json(text));
  if (!parsed.success) return false;
  const { pid, started, id } = parsed.data;
  if (pid === process.pid) return held.has(id);
  return alive(pid) && (started === null || startOf(pid) === started);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return codeOf(error) === "EPERM";
  }
}

/** When a process started, where the system tells: a pid alone is given again. */
function startOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
