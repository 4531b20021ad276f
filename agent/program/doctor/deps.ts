import { lookup } from "node:dns/promises";
import { open, rm, statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Gpu } from "../../../shared/protocol/messages.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import type { Env } from "../../core/proxy-env.ts";
import { readGpus } from "../../core/telemetry/gpus.ts";

/** What the doctor touches of the machine; tests bring machines that are ill. */
export interface DoctorDeps {
  clock: Clock;
  /** Milliseconds since 1970 as this machine has them. */
  wallClock(): number;
  env: Env;
  home: string;
  platform: NodeJS.Platform;
  /** Addresses of a host name. @throws the system's error */
  lookup(host: string): Promise<string[]>;
  /** Bytes that this user may still write there. @throws the system's error, e.g. ENOENT */
  diskFree(dir: string): Promise<number>;
  /** Writes a little there and takes it away. @throws the system's error, e.g. ENOSPC */
  probeWrite(dir: string): Promise<void>;
  readGpus(): Promise<Gpu[]>;
}

/** More than one block, so that a disk with a few free bytes in a half-used one is found out. */
const PROBE_BYTES = 64 * 1024;

export const systemDoctorDeps: DoctorDeps = {
  clock: systemClock,
  wallClock: Date.now,
  env: process.env,
  home: homedir(),
  platform: process.platform,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  diskFree: async (dir) => {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  },
  probeWrite: async (dir) => {
    const path = join(dir, `.ollama-coordinator-probe-${process.pid}`);
    const file = await open(path, "wx");
    try {
      await file.writeFile(Buffer.alloc(PROBE_BYTES));
      // Some file systems look for room only now.
      await file.sync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  },
  readGpus,
};
