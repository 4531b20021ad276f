import { execFile } from "node:child_process";

const TIMEOUT_MS = 4_000;

/** What a program prints; undefined where it is not there, fails or takes too long: then what it would have said is not known. */
export function runTool(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { timeout: TIMEOUT_MS, windowsHide: true, encoding: "utf8" },
      (error, stdout) => resolve(error === null ? stdout : undefined),
    );
  });
}

export type RunTool = typeof runTool;
