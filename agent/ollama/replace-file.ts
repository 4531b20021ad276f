import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDir } from "../core/identity/make-dir.ts";
import { writePrivate } from "../core/identity/write-private.ts";

/** Replaces a small file as a whole, so that a crash leaves the old one or the new one. @throws the system's error */
export async function replaceFile(path: string, text: string): Promise<void> {
  makeDir(dirname(path));
  await writePrivate(path, text);
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
