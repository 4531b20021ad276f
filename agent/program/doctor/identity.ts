import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Identity, IdentityError, IdentityFile } from "../../core/identity/identity-file.ts";
import { codeOf, textOf } from "../../core/network-error.ts";
import { broken, ok, type Result, warning } from "./finding.ts";

export interface ReadIdentity {
  identity: Identity | undefined;
  result: Result;
}

const OTHERS = 0o077;

/** Who this agent is, and whether nobody else on this machine can be it. */
export async function readIdentity(stateDir: string, platform: NodeJS.Platform): Promise<ReadIdentity> {
  const file = new IdentityFile(stateDir);
  try {
    const identity = await file.read();
    if (identity === undefined) {
      return { identity, result: await judgeAbsence(stateDir) };
    }
    // Windows has access lists instead of modes, which the file gets when it is written.
    const mode = platform === "win32" ? 0o600 : (await stat(file.path)).mode & 0o777;
    const result =
      (mode & OTHERS) === 0
        ? ok(`${file.path} can be read by its user only`)
        : warning(
            `${file.path} can be read by others (mode 0${mode.toString(8)})`,
            `whoever reads it can be this agent: chmod 600 ${file.path}`,
          );
    return { identity, result };
  } catch (error) {
    const found =
      error instanceof IdentityError ? error.message : `${file.path}: ${codeOf(error) ?? textOf(error)}`;
    return {
      identity: undefined,
      result: broken(found, "give the agent's user the rights to it, or another --state-dir"),
    };
  }
}

/** Whether one could be written; not by trying, which would leave a directory behind. */
async function judgeAbsence(stateDir: string): Promise<Result> {
  for (let dir = stateDir; ; dir = dirname(dir)) {
    try {
      await access(dir, constants.W_OK);
      return ok(`none yet; it will be in ${stateDir}`);
    } catch (error) {
      if (codeOf(error) === "ENOENT" && dirname(dir) !== dir) continue;
      return broken(
        `none yet, and ${dir} cannot be written to (${codeOf(error) ?? textOf(error)})`,
        "give the agent's user the rights to it, or another --state-dir",
      );
    }
  }
}
