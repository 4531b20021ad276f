import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDir } from "../core/identity/make-dir.ts";
import { writePrivate } from "../core/identity/write-private.ts";

/** What is in a JSON file: a value, nothing because there is no file, or no JSON. @throws the system's error where it cannot be read */
export type JsonFile = { kind: "value"; value: unknown } | { kind: "none" } | { kind: "broken" };

export async function readJson(path: string): Promise<JsonFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { kind: "none" };
    throw error;
  }
  try {
    // Editors on Windows write a mark in front that JSON does not know.
    return { kind: "value", value: JSON.parse(text.replace(/^\uFEFF/, "")) };
  } catch {
    return { kind: "broken" };
  }
}

/** Replaces the file as a whole, readable by its user only. @throws the system's error */
export async function writeJson(path: string, value: unknown): Promise<void> {
  makeDir(dirname(path));
  await writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** What went wrong, in the system's short form. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
