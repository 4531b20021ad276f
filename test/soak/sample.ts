import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../support/hosts/host.ts";
import { residentBytes } from "../support/process-table.ts";
import type { Held } from "./probe.ts";

const PROBE = fileURLToPath(new URL("./probe.ts", import.meta.url));

/** What a process holds when it has nothing to do and has collected its garbage, bytes. */
export interface Sample {
  readonly resident: number;
  readonly heap: number;
  readonly external: number;
  readonly timers: number;
  /** Everything open that is not a timer. */
  readonly handles: number;
}

/** Where a process that has the probe writes what it holds. */
export const probeFolder = (folder: string): Record<string, string> => ({
  SOAK_PROBE: join(folder, "probe"),
});

/** Environment of a process that is to be sampled. */
export const probeEnvironment = (folder: string): Record<string, string> => ({
  NODE_OPTIONS: `--expose-gc --import=${PROBE}`,
  ...probeFolder(folder),
});

/** The same for an executable, which has the probe built in. */
export const PROBED = { nodeFlags: ["--expose-gc"], before: "test/soak/probe.ts" };

/** @param pid of a process with that environment */
export async function takeSample(pid: number, folder: string): Promise<Sample> {
  const file = join(folder, `probe.${pid}`);
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const { heap, external, resources } = await until(`process ${pid} says what it holds`, () => read(file));
  const timers = (resources.Timeout ?? 0) + (resources.Immediate ?? 0);
  const all = Object.values(resources).reduce((sum, count) => sum + count, 0);
  return { resident: residentBytes(pid), heap, external, timers, handles: all - timers };
}

function read(file: string): Held | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Held;
  } catch {
    // Not written yet; `until` has the deadline.
    return undefined;
  }
}
