import { readFile, rm } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { systemClock } from "../../core/clock.ts";
import { defaultStateDir } from "../../program/state-dir.ts";
import type { Call } from "../commands.ts";
import { complaining } from "../complain.ts";
import { EXIT } from "../exit-codes.ts";
import type { Settings } from "../settings.ts";
import { agentPid } from "./agent-pid.ts";
import { installService } from "./install-service.ts";
import { programCommand } from "./program-command.ts";
import { systemRunner } from "./runner.ts";
import { type Machine, type ServicePlace, servicePlace } from "./service-place.ts";

/** Lets the system start the agent, or no longer. */
export function service(settings: Settings, call: Call): Promise<number> {
  return complaining(async () => {
    const place = servicePlace(await thisMachine(), {
      system: settings.system,
      stateDir: settings.stateDir,
      defaultStateDir: defaultStateDir(process.platform, process.env),
    });
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    switch (call.action) {
      case "install":
        return await installService(place, {
          settings,
          sources: call.sources,
          command: programCommand(),
          clock: systemClock,
          say,
        });
      case "uninstall": {
        const was = await place.manager.uninstall();
        await rm(place.configFile, { force: true });
        say(was ? `removed ${place.name}; its state is kept in ${place.stateDir}` : "not installed");
        return EXIT.ok;
      }
      default:
        return await showStatus(place, settings.json, say);
    }
  });
}

async function showStatus(place: ServicePlace, json: boolean, say: (line: string) => void): Promise<number> {
  const { manager, name, stateDir, configFile } = place;
  const state = await manager.status();
  // What the manager does not say, the agent does.
  const agent = await agentPid(stateDir);
  const found = { ...state, running: state.running ?? (state.installed && agent !== null), agent_pid: agent };
  if (json) say(JSON.stringify({ name, state_dir: stateDir, ...found }, null, 2));
  else {
    say(
      `service    ${name}: ${found.installed ? "installed" : "not installed"}${found.file === null ? "" : `, ${found.file}`}`,
    );
    if (found.installed) {
      const detail = found.detail === null ? "" : `, ${found.detail}`;
      say(
        `runs       ${found.running ? "yes" : "no"}${found.pid === null ? "" : `, pid ${found.pid}`}${detail}`,
      );
      say(`settings   ${configFile}`);
    }
    if (agent !== null && agent !== found.pid)
      say(`agent      pid ${agent} runs with state directory ${stateDir}`);
  }
  return found.installed && found.running ? EXIT.ok : EXIT.fatal;
}

async function thisMachine(): Promise<Machine> {
  const { username, uid } = userInfo();
  return {
    platform: process.platform,
    env: process.env,
    home: homedir(),
    user: username,
    uid,
    graphicsGroups: process.platform === "linux" ? await graphicsGroups() : [],
    run: systemRunner,
    clock: systemClock,
  };
}

/** A unit that names a group that is not there does not start. */
async function graphicsGroups(): Promise<string[]> {
  const groups = await readFile("/etc/group", "utf8");
  return ["render", "video"].filter((group) => new RegExp(`^${group}:`, "m").test(groups));
}
