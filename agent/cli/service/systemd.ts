import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { mustRun, type Runner } from "./runner.ts";
import type { ServiceManager, ServicePlan, ServiceState } from "./service-plan.ts";
import { type UnitOptions, unitText } from "./systemd-unit.ts";

export interface SystemdOptions {
  run: Runner;
  name: string;
  /** Where units are kept. */
  directory: string;
  scope: UnitOptions["scope"];
  /** For the advice on lingering. */
  user: string;
}

/** systemd, for the machine or for one user. */
export function systemd(options: SystemdOptions): ServiceManager {
  const unit = `${options.name}.service`;
  const file = join(options.directory, unit);
  const isUser = options.scope.type === "user";
  const words = (args: string[]): string[] => (isUser ? ["--user", ...args] : args);
  const systemctl = (...args: string[]) => mustRun(options.run, "systemctl", words(args));

  const status = async (): Promise<ServiceState> => {
    const asked = "--property=LoadState,ActiveState,SubState,MainPID,ExecMainStatus";
    const found = new Map(
      (await systemctl("show", unit, asked)).split("\n").map((line): [string, string] => {
        const [key = "", ...value] = line.trim().split("=");
        return [key, value.join("=")];
      }),
    );
    const installed = found.get("LoadState") !== "not-found";
    const pid = Number(found.get("MainPID") ?? 0);
    const code = found.get("ExecMainStatus") ?? "0";
    const last = pid === 0 && code !== "0" ? `, last exit code ${code}` : "";
    return {
      installed,
      file: installed ? file : null,
      running: found.get("ActiveState") === "active",
      pid: pid === 0 ? null : pid,
      detail: installed ? `${found.get("ActiveState")} (${found.get("SubState")})${last}` : null,
    };
  };

  return {
    status,
    async install(plan: ServicePlan) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, unitText({ command: plan.command, scope: options.scope }), { mode: 0o644 });
      await systemctl("daemon-reload");
      await systemctl("enable", unit);
      // Not `start`: one that runs is to take up what has changed.
      await systemctl("restart", unit);
      return [`logs: journalctl ${words(["--unit", unit, "--follow"]).join(" ")}`, ...(await advice())];
    },
    async stop() {
      if ((await status()).installed) await systemctl("stop", unit);
    },
    async uninstall() {
      if (!(await status()).installed) return false;
      await systemctl("disable", "--now", unit);
      await rm(file, { force: true });
      await systemctl("daemon-reload");
      return true;
    },
  };

  async function advice(): Promise<string[]> {
    if (!isUser) return [];
    const shown = await options.run("loginctl", ["show-user", options.user, "--property=Linger"]);
    if (shown.stdout.trim() === "Linger=yes") return [];
    return [
      `it stops when ${options.user} logs out; to let it run from the start of the machine: loginctl enable-linger ${options.user}`,
    ];
  }
}
