import { homedir } from "node:os";
import type { Logger } from "pino";
import { Agent } from "../core/agent.ts";
import { systemClock } from "../core/clock.ts";
import { IdentityError, IdentityFile } from "../core/identity/identity-file.ts";
import { machineHash } from "../core/identity/machine-id.ts";
import { proxyRoute } from "../core/proxy.ts";
import { capacityReader } from "../core/telemetry/capacity.ts";
import { readGpus } from "../core/telemetry/gpus.ts";
import { usageSampler } from "../core/telemetry/usage.ts";
import { visibleParallel } from "../core/telemetry/visible-parallel.ts";
import { EXIT } from "./exit-codes.ts";
import { openLog } from "./log.ts";
import { narrate } from "./narrate.ts";
import { pairingBlock } from "./pairing-block.ts";
import type { Settings } from "./settings.ts";
import { onStopWish } from "./stop-signals.ts";

const GRACE_MS = 10_000;

/** Runs the agent until it is stopped; the result is the exit code. */
export async function run(settings: Settings): Promise<number> {
  try {
    const coordinatorUrl = settings.coordinatorUrl ?? (await storedUrl(settings.stateDir));
    if (coordinatorUrl === undefined) {
      return refuse("no coordinator URL: give one with --coordinator-url URL or COORDINATOR_URL", EXIT.usage);
    }
    const log = await openLog(settings.logLevel);
    if (isExposed(coordinatorUrl)) {
      log.warn(`${coordinatorUrl} is not encrypted: whoever is on the way can read tokens and prompts`);
    }
    return await runAgent(settings, coordinatorUrl, log);
  } catch (error) {
    if (error instanceof IdentityError) return refuse(error.message, EXIT.fatal);
    throw error;
  }
}

async function runAgent(settings: Settings, coordinatorUrl: string, log: Logger): Promise<number> {
  const agent = new Agent(
    {
      coordinatorUrl,
      joinToken: settings.joinToken,
      ollamaUrl: settings.ollamaUrl,
      name: settings.name,
      stateDir: settings.stateDir,
      maxConcurrency: settings.maxConcurrency,
      allowManage: settings.allowManage,
      heartbeatMs: settings.heartbeatSecs === undefined ? undefined : settings.heartbeatSecs * 1_000,
      ollamaParallel: settings.ollamaParallel,
      machineHash: await machineHash(settings.machineId),
    },
    {
      clock: systemClock,
      random: Math.random,
      proxy: await proxyRoute(process.env),
      sampleUsage: usageSampler(),
      readGpus,
      readParallel: () => visibleParallel(settings.ollamaUrl),
      readCapacity: capacityReader({ env: process.env, home: homedir(), ollamaUrl: settings.ollamaUrl }),
      observe: narrate(log, pairingShown),
    },
  );
  onStopWish(
    () => void agent.stop({ graceMs: GRACE_MS }),
    () => process.exit(EXIT.aborted),
    { withParent: settings.exitWithParent },
  );
  const outcome = await agent.run();
  switch (outcome.type) {
    case "stopped":
      log.info("stopped");
      return EXIT.ok;
    case "replaced":
      log.info("another process of this agent took over");
      return EXIT.ok;
    case "not_paired":
    case "fatal":
      return refuse(outcome.message, EXIT.fatal);
  }
}

/** On a terminal, where a person looks, in a block that no log level hides. True: it was shown. */
function pairingShown(code: string, dashboardUrl: string): boolean {
  if (!process.stdout.isTTY) return false;
  process.stdout.write(pairingBlock(code, dashboardUrl));
  return true;
}

async function storedUrl(stateDir: string): Promise<string | undefined> {
  return (await new IdentityFile(stateDir).read())?.coordinator_url;
}

function isExposed(coordinatorUrl: string): boolean {
  const { protocol, hostname } = new URL(coordinatorUrl);
  return protocol === "http:" && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function refuse(message: string, code: number): number {
  process.stderr.write(`agent: ${message}\n`);
  return code;
}
