import type { Clock } from "../../core/clock.ts";
import { IdentityFile } from "../../core/identity/identity-file.ts";
import type { CallSources } from "../commands.ts";
import { CommandError } from "../complain.ts";
import { EXIT } from "../exit-codes.ts";
import type { Settings } from "../settings.ts";
import { agentPid } from "./agent-pid.ts";
import { closedToOthers } from "./readable-by-others.ts";
import { givenConfig, writeServiceConfig } from "./service-config.ts";
import type { ServicePlace } from "./service-place.ts";
import type { ServicePlan } from "./service-plan.ts";

export interface InstallOptions {
  settings: Settings;
  sources: CallSources;
  /** How this program is started again. */
  command: ServicePlan["command"];
  clock: Clock;
  say: (line: string) => void;
}

/** Writes down what the agent is to be told and has the system start it, in place of one that it ran before. @throws CommandError */
export async function installService(
  place: ServicePlace,
  { settings, sources, command, clock, say }: InstallOptions,
): Promise<number> {
  const { manager, name, stateDir, configFile, isConfigHanded } = place;
  if (isConfigHanded) await mustBeOpen(command.filter((word) => !word.startsWith("-")));
  const was = (await manager.status()).installed;
  await manager.stop();
  await mustBeFree(stateDir, clock, was ? FREE_MS : 0);
  await writeServiceConfig(configFile, givenConfig(settings, sources));
  const config = isConfigHanded ? [] : ["--config", configFile];
  const lines = await manager.install({
    name,
    command: [...command, "run", "--state-dir", stateDir, ...config],
    stateDir,
  });
  say(`installed and started ${name}; its settings are in ${configFile}`);
  for (const line of lines) say(line);
  const isKnown = (await new IdentityFile(stateDir).read()) !== undefined;
  if (settings.coordinatorUrl === undefined && !isKnown) {
    say("it knows no coordinator yet: install again with --coordinator-url URL");
  }
  return EXIT.ok;
}

/** Until a service that was stopped has answered what it was at. */
const FREE_MS = 15_000;
const LOOK_MS = 200;

/** @throws CommandError */
async function mustBeOpen(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const closed = await closedToOthers(file);
    if (closed === undefined) continue;
    throw new CommandError(
      `${file} cannot be read by the service's own user (${closed} is closed to others): move the program to /opt or /usr/local`,
    );
  }
}

/** Waits for a service that was stopped; one that somebody has started by hand goes on. @throws CommandError */
async function mustBeFree(stateDir: string, clock: Clock, waitMs: number): Promise<void> {
  const began = clock.now();
  for (;;) {
    const pid = await agentPid(stateDir);
    if (pid === null) return;
    if (clock.now() - began >= waitMs) {
      throw new CommandError(
        `an agent (pid ${pid}) runs with state directory ${stateDir}: stop it, so that the service can take its place`,
      );
    }
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}
