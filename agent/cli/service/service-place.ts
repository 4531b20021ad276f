import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { CommandError } from "../complain.ts";
import { launchd } from "./launchd.ts";
import type { Runner } from "./runner.ts";
import type { ServiceManager } from "./service-plan.ts";
import { systemd } from "./systemd.ts";
import { SYSTEM_STATE } from "./systemd-unit.ts";
import { taskScheduler } from "./task-scheduler.ts";

export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  user: string;
  uid: number;
  /** Groups of the machine that own graphics cards. */
  graphicsGroups: readonly string[];
  run: Runner;
  clock: Clock;
}

/** Where a service and what belongs to it is. */
export interface ServicePlace {
  manager: ServiceManager;
  name: string;
  stateDir: string;
  configFile: string;
  /** The service manager hands the file over itself. */
  isConfigHanded: boolean;
}

const NAME = "ollama-coordinator-agent";

/** The machine's way to start an agent. @throws CommandError when it has none, or not that one */
export function servicePlace(
  machine: Machine,
  wanted: { system: boolean; stateDir: string; defaultStateDir: string },
): ServicePlace {
  if (wanted.system) return systemPlace(machine, wanted.stateDir === wanted.defaultStateDir);
  const { platform, env, home, user, uid, run } = machine;
  const stateDir = resolve(wanted.stateDir);
  // Several agents of one user each have a directory, and so a name.
  const name = stateDir === resolve(wanted.defaultStateDir) ? NAME : `${NAME}-${shortHash(stateDir)}`;
  const place = (manager: ServiceManager, called: string): ServicePlace => ({
    manager,
    name: called,
    stateDir,
    configFile: join(stateDir, "service.json"),
    isConfigHanded: false,
  });
  switch (platform) {
    case "linux": {
      const directory = join(env.XDG_CONFIG_HOME || join(home, ".config"), "systemd", "user");
      return place(systemd({ run, name, directory, scope: { type: "user" }, user }), name);
    }
    case "darwin": {
      const directory = join(home, "Library", "LaunchAgents");
      return place(launchd({ run, name, directory, uid, clock: machine.clock }), name);
    }
    case "win32": {
      const domain = env.USERDOMAIN;
      const full = domain === undefined || domain === "" ? user : `${domain}\\${user}`;
      return place(taskScheduler({ run, name, user: full }), name);
    }
    default:
      throw new CommandError(
        `no service manager of ${platform} is known: start \`agent run\` with its own means`,
      );
  }
}

function systemPlace({ platform, uid, user, run, graphicsGroups }: Machine, isUsual: boolean): ServicePlace {
  if (platform !== "linux")
    throw new CommandError("--system is for Linux: leave it out, and the user's is used");
  if (uid !== 0) throw new CommandError("--system changes the machine: run it as root, as with sudo");
  const stateDir = `/var/lib/${SYSTEM_STATE}`;
  if (!isUsual)
    throw new CommandError(`--state-dir does not go with --system, which keeps its state in ${stateDir}`);
  const configFile = "/etc/ollama-coordinator/agent.json";
  const manager = systemd({
    run,
    name: NAME,
    directory: "/etc/systemd/system",
    scope: { type: "system", configFile, groups: graphicsGroups },
    user,
  });
  return { manager, name: NAME, stateDir, configFile, isConfigHanded: true };
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
