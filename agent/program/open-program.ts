import { join } from "node:path";
import { Agent } from "../core/agent.ts";
import { systemClock } from "../core/clock.ts";
import { IdentityFile } from "../core/identity/identity-file.ts";
import { machineHash } from "../core/identity/machine-id.ts";
import type { AgentEvent } from "../core/observer.ts";
import { proxyRoute } from "../core/proxy.ts";
import type { Env } from "../core/proxy-env.ts";
import { capacityReader } from "../core/telemetry/capacity.ts";
import { readGpus } from "../core/telemetry/gpus.ts";
import { usageSampler } from "../core/telemetry/usage.ts";
import { visibleParallel } from "../core/telemetry/visible-parallel.ts";
import { findOllama } from "../ollama/find/find-ollama.ts";
import { Consent } from "../ollama/keeper/consent.ts";
import { Keeper } from "../ollama/keeper/keeper.ts";
import { ownInstaller } from "../ollama/keeper/own-installer.ts";
import { servingOf } from "../ollama/keeper/serving.ts";
import { Supervisor } from "../ollama/supervise/supervisor.ts";
import { OllamaVersions } from "../ollama/versions/versions.ts";
import type { Note } from "./event-text.ts";
import type { GivenSettings } from "./lock-settings.ts";
import { machineModels } from "./machine-models.ts";
import { OwnersWord } from "./owners-word.ts";
import { Program } from "./program.ts";
import type { KeeperHost } from "./program-parts.ts";
import { systemSensors } from "./sharing/sensors/system-sensors.ts";
import { SharingWatch } from "./sharing/sharing-watch.ts";
import { supervisorText } from "./supervisor-text.ts";

export interface ProgramInvocation {
  stateDir: string;
  env: Env;
  /** Of the user. */
  home: string;
  defaultName: string;
  given: GivenSettings;
  joinToken: string | undefined;
  /** The owner named it: nothing is looked for, installed or run. */
  ollamaUrl: string | undefined;
  heartbeatMs: number | undefined;
  ollamaParallel: number | undefined;
  machineId: string | undefined;
  assumeYes: boolean;
  attended: boolean;
  observe(event: AgentEvent | Note): void;
}

const DEFAULT_OLLAMA_URL = "http://127.0.0.1:11434";

/** The program on this machine, with everything real. @throws IdentityError, SettingsError */
export async function openProgram(invocation: ProgramInvocation): Promise<Program> {
  const { stateDir, env } = invocation;
  const identity = new IdentityFile(stateDir);
  const proxy = await proxyRoute(env);
  const word = await OwnersWord.open({
    stateDir,
    given: invocation.given,
    registeredAt: (await identity.read())?.coordinator_url,
    now: new Date(),
  });
  const sensors = systemSensors(systemClock);
  const program: Program = new Program(
    {
      stateDir,
      defaultName: invocation.defaultName,
      joinToken: invocation.joinToken,
      heartbeatMs: invocation.heartbeatMs,
      ollamaParallel: invocation.ollamaParallel,
      machineHash: await machineHash(invocation.machineId),
      attended: invocation.attended,
    },
    {
      clock: systemClock,
      wallClock: () => new Date(),
      identity,
      word,
      observe: invocation.observe,
      keeper: (host) => makeKeeper(invocation, word, host),
      sharing: (changed) => {
        const watch = new SharingWatch({
          clock: systemClock,
          wallClock: () => new Date(),
          rules: word.settings.sharing,
          pause: word.pause,
          sensors,
          changed,
        });
        return watch;
      },
      closeSensors: () => sensors.close(),
      agent: (options, observe) =>
        new Agent(options, {
          clock: systemClock,
          random: Math.random,
          proxy,
          sampleUsage: usageSampler(),
          readGpus,
          readParallel: () => visibleParallel(program.status().ollama.url),
          readCapacity: () => {
            const { url: ollamaUrl } = program.status().ollama;
            const own = program.hasOwnModels ? { OLLAMA_MODELS: join(stateDir, "ollama", "models") } : {};
            return capacityReader({ env: { ...env, ...own }, home: invocation.home, ollamaUrl })();
          },
          observe,
        }),
    },
  );
  return program;
}

function makeKeeper(invocation: ProgramInvocation, word: OwnersWord, host: KeeperHost): Keeper {
  const { stateDir, env, home } = invocation;
  const versions = new OllamaVersions(stateDir);
  const supervisor = new Supervisor({
    stateDir,
    clock: systemClock,
    env,
    observe: (event) => {
      if (event.type === "starting") keeper.servesAt(event.url);
      const told = supervisorText(event);
      if (told !== undefined) host.tell(told.level, told.text);
      host.changed();
    },
  });
  const keeper: Keeper = new Keeper(
    {
      fixedUrl: invocation.ollamaUrl,
      defaultUrl: DEFAULT_OLLAMA_URL,
      assumeYes: invocation.assumeYes,
      directory: versions.directory,
    },
    {
      ...host,
      clock: systemClock,
      versions: {
        current: () => versions.current(),
        previous: () => versions.previous(),
        switchTo: async (version) => void (await versions.switchTo(version)),
        prune: () => versions.prune(),
        removeAll: () => versions.removeAll(),
      },
      installer: ownInstaller({
        versions,
        env,
        clock: systemClock,
        warn: (text) => host.tell("warn", text),
      }),
      serving: servingOf({ supervisor, clock: systemClock, allowCloud: () => word.settings.allow_cloud }),
      models: machineModels({ stateDir, home, env, clock: systemClock }),
      consent: new Consent(versions.directory),
      clearOrphans: async () => void (await supervisor.clearOrphans()),
      find: async () => {
        const { found, obstacles } = await findOllama({
          env,
          platform: process.platform,
          home,
          clock: systemClock,
          coordinatorUrl: word.settings.coordinator_url ?? undefined,
        });
        for (const { problem } of obstacles) host.tell("warn", problem);
        return found;
      },
    },
  );
  return keeper;
}
