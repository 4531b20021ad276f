import { execFile } from "node:child_process";
import type { Env } from "../../core/proxy-env.ts";
import { plainEnv } from "../supervise/child-env.ts";

/** Nobody listens there, so that the program speaks of itself alone, and at once. */
const NOBODY = "http://127.0.0.1:1";
/** Windows tries a closed port for two seconds before it says so. */
const LIMIT_MS = 8_000;
const OUTPUT_BYTES = 64 * 1024;

/** The version of the program at `path`, asked of itself; undefined when it is none, or does not say in 8 s. Never rejects. */
export function binaryVersion(
  path: string,
  env: Env,
  { limitMs = LIMIT_MS }: { limitMs?: number } = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = {
      env: { ...plainEnv(env), OLLAMA_HOST: NOBODY },
      timeout: limitMs,
      killSignal: "SIGKILL" as const,
      maxBuffer: OUTPUT_BYTES,
      windowsHide: true,
    };
    try {
      execFile(path, ["--version"], options, (error, stdout, stderr) => {
        resolve(error === null ? versionIn(`${stdout}\n${stderr}`) : undefined);
      });
    } catch {
      // A path that the system refuses as such.
      resolve(undefined);
    }
  });
}

/** Of `ollama --version`: a running server's version comes first, the program's own as "client version" where they differ. */
export function versionIn(output: string): string | undefined {
  const own = /client version is (\S+)/.exec(output) ?? /ollama version is (\S+)/.exec(output);
  return own?.[1]?.replace(/^v/, "").slice(0, 64);
}
