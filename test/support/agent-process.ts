import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AGENT_NODE_FLAGS } from "../../worker/serve/local-agent.ts";
import { listAgents, makeJoinToken, type TestHost, until } from "./hosts/host.ts";

const PROGRAM = fileURLToPath(new URL("../../agent/cli/main.ts", import.meta.url));

export interface AgentProcess {
  readonly name: string;
  readonly stateDir: string;
  readonly pid: number;
  output(): string;
  /** Ends it as given and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Waits until it has ended by itself; its exit code. */
  exited(): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  /** Starts it again with the same state. */
  start(): void;
  /** Ends it and deletes its state. */
  dispose(): Promise<void>;
}

export interface AgentOptions {
  name: string;
  ollamaUrl: string;
  coordinatorUrl?: string;
  flags?: string[];
  env?: Record<string, string>;
  stateDir?: string;
  /** A single executable of the agent, in place of its sources. */
  executable?: string;
}

/** The agent as a process of its own, as a user starts it. */
export async function startAgent(host: TestHost, options: AgentOptions): Promise<AgentProcess> {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), "agent-"));
  const joinToken = await makeJoinToken(host);
  let output = "";
  let child: ChildProcess;
  const start = (): void => {
    child = spawn(
      options.executable ?? process.execPath,
      [
        ...(options.executable === undefined ? [...AGENT_NODE_FLAGS, PROGRAM] : []),
        "run",
        "--coordinator-url",
        options.coordinatorUrl ?? host.url,
        "--ollama-url",
        options.ollamaUrl,
        "--state-dir",
        stateDir,
        "--name",
        options.name,
        ...(options.flags ?? []),
      ],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, JOIN_TOKEN: joinToken, ...options.env } },
    );
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-50_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
  };
  const exited = (): Promise<number | null> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
      else child.once("exit", (code) => resolve(code));
    });
  const end = (signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> => {
    child.kill(signal);
    return exited();
  };
  start();
  return {
    name: options.name,
    stateDir,
    get pid() {
      return child.pid ?? 0;
    },
    output: () => output,
    end,
    exited,
    signal: (signal) => {
      child.kill(signal);
    },
    start,
    dispose: async () => {
      await end();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Waits until the named agents take work. */
export async function routable(host: TestHost, ...names: string[]): Promise<void> {
  await until(`agents ${names.join(", ")} are routable`, async () => {
    const agents = await listAgents(host);
    return names.every((name) => agents.some((agent) => agent.name === name && agent.routable));
  });
}
