import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentProgram } from "./release.ts";

/** As in the script `agent` of package.json: the collector works before the heap has grown, which halves memory under load. */
export const AGENT_NODE_FLAGS = ["--max-semi-space-size=2", "--max-old-space-size=96", "--v8-pool-size=1"];

export interface LocalAgent {
  stop(): Promise<void>;
}

/**
 * Whether an agent has registered from this state directory before, and so needs no join token. Its identity is told where
 * this same coordinator listens now: on another port the agent would take it for another one, and not go there.
 */
export function hasIdentity(stateDir: string, coordinatorUrl: string): boolean {
  const file = join(stateDir, "identity.json");
  if (!existsSync(file)) return false;
  const text = readFileSync(file, "utf8");
  const identity = parsed(text);
  // One that cannot be read is the agent's to complain of.
  if (identity === undefined || identity.coordinator_url === coordinatorUrl) return true;
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ ...identity, coordinator_url: coordinatorUrl }, null, 2)}\n`, {
    mode: 0o600,
  });
  renameSync(temporary, file);
  return true;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Starts an agent as a child process. It ends with this process even when that is killed: its standard input closes then.
 * The token travels by environment: a command line can be read by every user of the machine.
 * @throws Error with one line that says what to do, when this release has no agent here
 */
export function startLocalAgent(options: {
  coordinatorUrl: string;
  stateDir: string;
  joinToken: string | undefined;
  ollamaUrl?: string;
  name?: string;
  logLevel: string;
  /** Called when it ends without having been asked to. */
  ended: (code: number | null) => void;
}): LocalAgent {
  const program = agentProgram(AGENT_NODE_FLAGS);
  if ("missing" in program) throw new Error(program.missing);
  const args = [
    ...program.args,
    "run",
    "--coordinator-url",
    options.coordinatorUrl,
    "--state-dir",
    options.stateDir,
    "--allow-manage",
  ];
  if (options.ollamaUrl !== undefined) args.push("--ollama-url", options.ollamaUrl);
  if (options.name !== undefined) args.push("--name", options.name);
  const child: ChildProcess = spawn(program.command, args, {
    stdio: ["pipe", "inherit", "inherit"],
    env: {
      ...process.env,
      AGENT_EXIT_WITH_PARENT: "1",
      // The way to this machine's own coordinator leads through no proxy.
      NO_PROXY: [process.env.NO_PROXY ?? process.env.no_proxy, "127.0.0.1", "::1"].filter(Boolean).join(","),
      LOG_LEVEL: options.logLevel,
      ...(options.joinToken === undefined ? {} : { JOIN_TOKEN: options.joinToken }),
    },
  });
  let stopping = false;
  const exited = new Promise<void>((resolve) => {
    child.on("exit", (code) => {
      if (!stopping) options.ended(code);
      resolve();
    });
    child.on("error", () => resolve());
  });
  return {
    stop: () => {
      stopping = true;
      child.kill("SIGTERM");
      return exited;
    },
  };
}
