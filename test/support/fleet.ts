import { fileURLToPath } from "node:url";
import { type AgentProcess, routable, startAgent } from "./agent-process.ts";
import { makeKey, type TestHost } from "./hosts/host.ts";
import { type StandInOllama, type StandInOptions, startStandIn } from "./ollama/stand-in.ts";

const CALM_MACHINE = fileURLToPath(new URL("./calm-machine.ts", import.meta.url));

export interface MachineOptions {
  name: string;
  ollama?: StandInOptions;
  /** Flags of its agent. */
  flags?: string[];
  /** How busy the machine says that it is; undefined: as busy as it is. */
  cpuPercent?: number;
}

export interface Machine {
  readonly ollama: StandInOllama;
  readonly agent: AgentProcess;
}

/** A coordinator, machines behind it that take work, and a key for a client. */
export interface Fleet {
  readonly host: TestHost;
  /** May infer and manage. */
  readonly key: string;
  /** @throws when there is none of this name */
  machine(name: string): Machine;
  stop(): Promise<void>;
}

export async function startFleet(
  startHost: () => Promise<TestHost>,
  ...options: MachineOptions[]
): Promise<Fleet> {
  const host = await startHost();
  const machines = new Map<string, Machine>();
  const stop = async (): Promise<void> => {
    for (const { agent, ollama } of machines.values()) {
      await agent.dispose();
      await ollama.close();
    }
    await host.stop();
  };
  try {
    for (const { name, ollama: standIn, flags = [], cpuPercent } of options) {
      const ollama = await startStandIn(standIn);
      const agent = await startAgent(host, {
        name,
        ollamaUrl: ollama.url,
        flags,
        ...(cpuPercent === undefined ? {} : { env: calmEnvironment(cpuPercent) }),
      });
      machines.set(name, { ollama, agent });
    }
    await routable(host, ...machines.keys());
    const { key } = await makeKey(host);
    return {
      host,
      key,
      machine: (name) => {
        const machine = machines.get(name);
        if (machine === undefined) throw new Error(`the fleet has no machine '${name}'`);
        return machine;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Environment of an agent whose machine is as busy as it is told to be, and has this much memory for models where that is said. */
export function calmEnvironment(cpuPercent: number, gpuMb?: number): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${CALM_MACHINE}`,
    CALM_CPU_PERCENT: String(cpuPercent),
    ...(gpuMb === undefined ? {} : { CALM_GPU_MB: String(gpuMb) }),
  };
}
