import { join } from "node:path";
import type { CoordinatorServer } from "../coordinator-server.ts";
import { oneJoinToken } from "../join-token.ts";
import { hasIdentity, type LocalAgent, startLocalAgent } from "../local-agent.ts";
import { openLog } from "../log.ts";
import { MACHINES } from "./catalog.ts";
import { type Engine, startEngine } from "./engine.ts";

export interface DemoOptions {
  /** Where the agents find the coordinator. */
  url: string;
  dataDir: string;
  server: CoordinatorServer;
  logLevel: string;
}

/** Starts simulated machines: each an engine in this process and a real agent beside it, which joins as any agent does. */
export async function startDemo(options: DemoOptions): Promise<{ stop(): Promise<void> }> {
  const logger = openLog(options.logLevel);
  const engines: Engine[] = [];
  const agents: LocalAgent[] = [];
  const stop = async (): Promise<void> => {
    // Agents first: what they still forward needs its engine.
    await Promise.all(agents.map((agent) => agent.stop()));
    await Promise.all(engines.map((engine) => engine.stop()));
  };
  try {
    for (const machine of MACHINES) {
      const engine = await startEngine(machine);
      engines.push(engine);
      const stateDir = join(options.dataDir, "demo", machine.name);
      agents.push(
        startLocalAgent({
          coordinatorUrl: options.url,
          stateDir,
          joinToken: hasIdentity(stateDir, options.url)
            ? undefined
            : await oneJoinToken(options.server, machine.name),
          ollamaUrl: engine.url,
          name: machine.name,
          logLevel: options.logLevel,
          ended: (code) =>
            logger.error(
              { code, machine: machine.name },
              "a simulated machine's agent ended; restart the coordinator to start it again",
            ),
        }),
      );
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
