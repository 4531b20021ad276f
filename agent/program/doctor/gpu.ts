import { textOf } from "../../core/network-error.ts";
import type { DoctorDeps } from "./deps.ts";
import { ok, type Result, warning } from "./finding.ts";
import { within } from "./within.ts";

/** Vendors' tools take a second or two, and some hang. */
const READ_MS = 15_000;

/** Which GPUs this machine says that it has. */
export async function examineGpu(deps: DoctorDeps): Promise<Result> {
  try {
    const gpus = await within(deps.clock, READ_MS, deps.readGpus());
    if (gpus.length === 0) return ok("none found: models run on the processor");
    const each = gpus.map(({ name, memory_total_mb: mb }) =>
      mb === undefined ? name : `${name} (${(mb / 1024).toFixed(1)} GiB)`,
    );
    return ok(each.join(", "));
  } catch (error) {
    return warning(
      `cannot be read (${textOf(error)})`,
      "check the GPU's driver: its own tool, e.g. nvidia-smi, should answer",
    );
  }
}
