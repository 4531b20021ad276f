import { ownTarget } from "../../scripts/build/targets.ts";
import { startStandInProcess } from "../bench/processes.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { buildAgentExecutable } from "../support/executable.ts";
import { admin, makeKey, type TestHost } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { PROBED, probeEnvironment, probeFolder } from "./sample.ts";

const MACHINES = 5;
/** Longer than anything that a program puts off: an idle connection is closed after 5 s, a lost one given up after 15 s. */
const CALM_MS = 16_000;

/** A coordinator and agents as processes of their own, each behind a network that can be cut, before one stand-in. */
export interface Stage {
  readonly host: TestHost;
  readonly key: string;
  readonly machines: readonly { agent: AgentProcess; network: TcpProxy }[];
  /** What is sampled. */
  readonly processes: readonly { name: string; pid: number }[];
  /** Waits until what the last request has left behind should be gone. */
  calm(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(folder: string, executable: boolean): Promise<Stage> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const env = probeEnvironment(folder);
    const standIn = await startStandInProcess(["--models", "tiny", "--tokens", "4"]);
    closers.push(standIn.stop);
    const host = await startNodeHost({ env });
    closers.push(host.stop);
    await admin(host, "PUT", "/api/admin/settings", { queue: { max_length: 1_000 } });
    const program = executable ? await built(folder) : undefined;
    const machines: { agent: AgentProcess; network: TcpProxy }[] = [];
    for (let at = 0; at < MACHINES; at++) {
      const name = `agent ${at + 1}`;
      const network = await startTcpProxy(host.url);
      closers.push(network.close);
      const agent = await startAgent(host, {
        name,
        ollamaUrl: standIn.url,
        coordinatorUrl: network.url,
        flags: ["--max-concurrency", "64"],
        ...(program === undefined ? { env } : { env: probeFolder(folder), executable: program }),
      });
      closers.push(agent.dispose);
      machines.push({ agent, network });
    }
    await routable(host, ...machines.map(({ agent }) => agent.name));
    const { key } = await makeKey(host);
    return {
      host,
      key,
      machines,
      processes: [
        { name: "coordinator", pid: host.pids()[0] ?? 0 },
        ...machines.map(({ agent }) => ({ name: agent.name, pid: agent.pid })),
      ],
      calm: () => new Promise((calm) => setTimeout(calm, CALM_MS)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function built(folder: string): Promise<string> {
  const target = ownTarget();
  if (target === undefined) throw new Error(`no executable is made for ${process.platform} ${process.arch}`);
  return buildAgentExecutable(target, folder, PROBED);
}
