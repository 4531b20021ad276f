import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRelease } from "../../test/support/releases/releases.ts";
import { InstallBench, runBinary } from "../testing/install-bench.ts";

const CHILD = fileURLToPath(new URL("../testing/install-child.ts", import.meta.url));
// Large enough that unpacking takes some milliseconds.
const releases = [await makeRelease("0.32.1"), await makeRelease("0.33.0", { padding: 8 * 2 ** 20 })];

let bench: InstallBench;
beforeEach(async () => {
  bench = await InstallBench.open({ releases: [...releases] });
  await bench.install({}, {}, "0.32.1");
  await bench.versions.switchTo("0.32.1");
});
afterEach(() => bench.close());

async function installIn(...more: string[]): Promise<NodeJS.Signals | null> {
  const child = spawn(
    process.execPath,
    [CHILD, "--state-dir", bench.stateDir, "--url", bench.server.url, ...more],
    { stdio: "inherit" },
  );
  await once(child, "exit");
  return child.signalCode;
}

test.each([
  ["bytes", "0"],
  ["verifying", "0"],
  ["unpacking", "0"],
  ["unpacking", "3"],
  ["unpacking", "8"],
  ["installed", "0"],
])(
  "kill -9 at %s and %s ms leaves the old version usable, and the next install works",
  { timeout: 30_000 },
  async (at, after) => {
    if (at === "bytes") bench.server.faults = { slow: { bytes: 100_000 } };
    const signal = await installIn("--die-at", at, "--die-after", after);
    if (after === "0") expect(signal).toBe("SIGKILL");
    bench.server.faults = {};
    const current = await bench.versions.current();
    // A slow machine may be quicker than the kill: then all of it was done, and that is as good.
    const done = current?.version === "0.33.0" ? "0.33.0" : "0.32.1";
    expect(current && (await runBinary(current))).toContain(done);
    for (const installed of await bench.versions.list()) {
      expect(await runBinary(installed)).toContain(installed.version);
    }
    const next = await bench.install();
    expect(await runBinary(next)).toContain("0.33.0");
    await bench.versions.switchTo(next.version);
    expect((await bench.versions.previous())?.version).toBe("0.32.1");
    await bench.versions.prune();
    expect((await readdir(`${bench.versions.directory}/versions`)).sort()).toEqual(["0.32.1", "0.33.0"]);
    expect(await readdir(bench.versions.directory)).not.toContain("downloads");
  },
);
