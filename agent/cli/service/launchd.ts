import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { codeOf } from "../../core/network-error.ts";
import { plistText } from "./launchd-plist.ts";
import { mustRun, type Runner } from "./runner.ts";
import type { ServiceManager, ServicePlan } from "./service-plan.ts";

const LOADS = 10;
const LOAD_MS = 500;

/** launchd, for one user. */
export function launchd(options: {
  run: Runner;
  name: string;
  directory: string;
  uid: number;
  clock: Clock;
}): ServiceManager {
  const { run, name, directory, uid, clock } = options;
  const file = join(directory, `${name}.plist`);
  const domain = `gui/${uid}`;
  const target = `${domain}/${name}`;
  const isThere = (): Promise<boolean> =>
    stat(file).then(
      () => true,
      (error) => {
        if (codeOf(error) === "ENOENT") return false;
        throw error;
      },
    );
  /** Says so with a code of its own when it is not loaded, which is as good. */
  const unload = () => run("launchctl", ["bootout", target]);

  /** `bootout` answers before it is done, and until then `bootstrap` fails with "Input/output error". */
  const load = async (): Promise<void> => {
    for (let tries = 1; tries < LOADS; tries++) {
      if ((await run("launchctl", ["bootstrap", domain, file])).code === 0) return;
      await new Promise<void>((resolve) => clock.after(LOAD_MS, resolve));
    }
    await mustRun(run, "launchctl", ["bootstrap", domain, file]);
  };

  return {
    async install({ command, stateDir }: ServicePlan) {
      const logFile = join(stateDir, "agent.log");
      await mkdir(directory, { recursive: true });
      await writeFile(file, plistText({ command, logFile, label: name }), { mode: 0o644 });
      await unload();
      // One that was switched off once stays off, whatever is loaded.
      await mustRun(run, "launchctl", ["enable", target]);
      await load();
      return [`logs: ${logFile}`];
    },
    async stop() {
      await unload();
    },
    async uninstall() {
      const was = await isThere();
      await unload();
      await rm(file, { force: true });
      return was;
    },
    async status() {
      const installed = await isThere();
      const { code, stdout } = await run("launchctl", ["print", target]);
      const state = code === 0 ? /^\s*state = (.+)$/m.exec(stdout)?.[1] : undefined;
      const pid = code === 0 ? /^\s*pid = (\d+)$/m.exec(stdout)?.[1] : undefined;
      return {
        installed,
        file: installed ? file : null,
        running: state === "running",
        pid: pid === undefined ? null : Number(pid),
        detail: state ?? (installed ? "not loaded" : null),
      };
    },
  };
}
