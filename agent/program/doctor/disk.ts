import { codeOf, textOf } from "../../core/network-error.ts";
import type { DoctorDeps } from "./deps.ts";
import { broken, ok, type Result, skipped, warning } from "./finding.ts";
import { within } from "./within.ts";

const GIB = 1024 ** 3;
/** Below this not even a small model fits, and Ollama's own logs soon do not. */
const FULL_BYTES = 1 * GIB;
/** A usual model of 8 billion parameters. */
const LOW_BYTES = 6 * GIB;
/** A network disk that is away may take forever. */
const DISK_MS = 5_000;

const FULL = new Set(["ENOSPC", "EDQUOT"]);
const ADVICE =
  "delete models that nobody uses (`ollama rm MODEL`), or keep models on a larger disk with OLLAMA_MODELS";

/** Room for models, in the first of `dirs` that is there. */
export async function examineDisk(dirs: readonly string[], deps: DoctorDeps): Promise<Result> {
  if (dirs.length === 0) return skipped("Ollama is on another machine, whose disks cannot be seen from here");
  for (const dir of dirs) {
    let free: number;
    try {
      free = await within(deps.clock, DISK_MS, deps.diskFree(dir));
    } catch (error) {
      if (codeOf(error) !== undefined) continue;
      return broken(
        `the disk of ${dir} does not answer (${textOf(error)})`,
        "check that the disk is connected",
      );
    }
    const found = `${(free / GIB).toFixed(1)} GiB free in ${dir}`;
    if (free < FULL_BYTES) return broken(found, ADVICE);
    const full = await refusesBytes(dir, deps);
    if (full !== undefined) return broken(`${dir} takes no more (${full})`, ADVICE);
    return free < LOW_BYTES ? warning(found, ADVICE) : ok(found);
  }
  return warning(`none of ${dirs.join(", ")} can be looked at`, "check where Ollama keeps its models");
}

/** Why not even a few bytes fit; a disk may have free bytes and no free entry, or a quota may be used up. */
async function refusesBytes(dir: string, deps: DoctorDeps): Promise<string | undefined> {
  try {
    await within(deps.clock, DISK_MS, deps.probeWrite(dir));
    return undefined;
  } catch (error) {
    // Whatever else it is (often: the directory belongs to Ollama's own user), it is not a lack of room.
    const code = codeOf(error);
    return code !== undefined && FULL.has(code) ? code : undefined;
  }
}
