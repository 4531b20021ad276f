import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAMS = {
  coordinator: fileURLToPath(new URL("../../worker/serve/main.ts", import.meta.url)),
  agent: fileURLToPath(new URL("../../agent/cli/main.ts", import.meta.url)),
};

/** Variables that would decide what a test has left open. */
const OURS =
  /^(COORDINATOR_|AGENT_|ADMIN_TOKEN|CLIENT_AUTH|CORS_ORIGINS|LOG_LEVEL|JOIN_TOKEN|OLLAMA_|.*_PROXY$)/i;

export interface Program {
  readonly pid: number;
  /** Both outputs, as they came. */
  output(): string;
  /** Standard error alone: what is said to the person who typed the command. */
  errors(): string;
  /** Waits until it has ended by itself; its exit code. */
  exited(): Promise<number | null>;
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** One of the two programs as a person starts it, with nothing in its environment but what is given. */
export function startProgram(
  name: keyof typeof PROGRAMS,
  args: readonly string[],
  env: Record<string, string> = {},
): Program {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !OURS.test(key)));
  const child = spawn(process.execPath, [PROGRAMS[name], ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...env },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    errors += chunk.toString();
  });
  // `close` and not `exit`: the last line may still be in the pipe.
  const closed = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    errors: () => errors,
    exited: () => closed,
    end: (signal = "SIGKILL") => {
      child.kill(signal);
      return closed;
    },
  };
}
