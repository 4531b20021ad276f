import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDir } from "../core/identity/make-dir.ts";

/** Replaces a small file as a whole, so that a crash leaves the old one or the new one. @throws the system's error */
export async function replaceFile(path: string, text: string): Promise<void> {
  makeDir(dirname(path));
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The JSON in a file; undefined when there is no such file or it is damaged: both mean that nothing is known. */
export async function readJson(path: string): Promise<unknown> {
  try {
    const file = await open(path, "r");
    try {
      return JSON.parse(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
