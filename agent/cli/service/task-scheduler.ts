import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun, type Runner } from "./runner.ts";
import type { ServiceManager, ServicePlan, ServiceState } from "./service-plan.ts";
import { taskXml } from "./task-xml.ts";

/** The Task Scheduler of Windows. Whether a task runs it says in the language of the system, so the agent is asked. */
export function taskScheduler(options: { run: Runner; name: string; user: string }): ServiceManager {
  const { run, name, user } = options;
  const isThere = async (): Promise<boolean> => (await run("schtasks", ["/Query", "/TN", name])).code === 0;
  const end = () => run("schtasks", ["/End", "/TN", name]);
  return {
    async install({ command, stateDir }: ServicePlan) {
      const file = join(stateDir, "service-task.xml");
      // schtasks reads no other encoding without harm to names that are not English.
      await writeFile(file, `\ufeff${taskXml({ command, user })}`, "utf16le");
      try {
        await mustRun(run, "schtasks", ["/Create", "/TN", name, "/XML", file, "/F"]);
      } finally {
        await rm(file, { force: true });
      }
      await mustRun(run, "schtasks", ["/Run", "/TN", name]);
      return [];
    },
    async stop() {
      if (await isThere()) await end();
    },
    async uninstall() {
      if (!(await isThere())) return false;
      await end();
      await mustRun(run, "schtasks", ["/Delete", "/TN", name, "/F"]);
      return true;
    },
    async status(): Promise<ServiceState> {
      return { installed: await isThere(), file: null, running: null, pid: null, detail: null };
    },
  };
}
