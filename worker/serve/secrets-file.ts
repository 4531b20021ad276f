import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { makeDir } from "./make-dir.ts";

/** What the first run makes and the owner may look up again. Only its user may read it. */
const secrets = z.object({
  admin_token: z.string(),
  client_key: z.string(),
  join_token: z.string(),
});
export type Secrets = z.infer<typeof secrets>;

const fileOf = (dataDir: string): string => join(dataDir, "secrets.json");

/**
 * The secrets of an earlier run; undefined on the first one.
 * @throws Error when the file is there and cannot be used: making new ones would lock clients out without a word
 */
export function readSecrets(dataDir: string): Secrets | undefined {
  const file = fileOf(dataDir);
  if (!existsSync(file)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file} cannot be read as JSON; restore it, or remove it to get new secrets`, { cause });
  }
  const parsed = secrets.safeParse(json);
  if (!parsed.success) {
    throw new Error(
      `${file}: ${parsed.error.issues[0]?.path.join(".")} is missing; restore it, or remove the file`,
    );
  }
  return parsed.data;
}

/** Written beside and moved into place: a crash leaves the old file or the new one, never half of one. */
export function writeSecrets(dataDir: string, value: Secrets): void {
  const file = fileOf(dataDir);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  if (process.platform === "win32") ownerOnly(temporary);
  renameSync(temporary, file);
}

/** Windows has no modes: the inherited access list goes, the user's own entry stays. */
function ownerOnly(path: string): void {
  execFileSync("icacls", [path, "/inheritance:r", "/grant:r", `${userInfo().username}:F`], {
    windowsHide: true,
    stdio: "ignore",
  });
}

/** @throws Error that names the directory, when it cannot be made or written to */
export function prepareDataDir(dataDir: string): void {
  try {
    makeDir(dataDir);
    const probe = join(dataDir, `.probe-${process.pid}`);
    writeFileSync(probe, "", { mode: 0o600 });
    renameSync(probe, join(dataDir, ".writable"));
    chmodSync(join(dataDir, ".writable"), 0o600);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Error(`--data-dir ${dataDir} cannot be written to (${code}); choose another directory`, {
      cause,
    });
  }
}
