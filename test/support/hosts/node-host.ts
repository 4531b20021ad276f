import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeToken } from "../../../shared/lib/token.ts";
import { dashboardBuilt } from "../dashboard-build.ts";
import { freePort } from "../free-port.ts";
import { residentBytes } from "../process-table.ts";
import type { HostOptions, TestHost } from "./host.ts";
import { until } from "./host.ts";

const PROGRAM = fileURLToPath(new URL("../../../worker/serve/main.ts", import.meta.url));
/** As the program makes one: a word that could be guessed is not looked at after ten wrong ones. */
const ADMIN_TOKEN = makeToken("admin", new Uint8Array(32).fill(1));

/** The self-hosted coordinator, which a service manager can ask to stop. */
export interface NodeHost extends TestHost {
  readonly name: "node";
  /** Asks it to stop and waits until it has; the exit code. */
  terminate(): Promise<number | null>;
}

export interface NodeHostOptions extends HostOptions {
  /** A program with the coordinator's own flags in place of it. */
  program?: string;
  /** Any free one unless it is given. */
  port?: number;
}

/** The self-hosted coordinator as a process of its own, as a user starts it. */
export async function startNodeHost(options: NodeHostOptions = {}): Promise<NodeHost> {
  const program = options.program ?? PROGRAM;
  if (options.dashboard === true) await dashboardBuilt();
  const dataDir = mkdtempSync(join(tmpdir(), "coordinator-"));
  const port = options.port ?? (await freePort());
  let output = "";
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    output = "";
    child = spawn(process.execPath, [program, "--port", String(port), "--no-agent", "--data-dir", dataDir], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ADMIN_TOKEN, LOG_LEVEL: "warn", ...options.env },
    });
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-1_000_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    await until(`the coordinator starts: ${output}`, async () => {
      if (child.exitCode !== null) throw new Error(`the coordinator ended with ${child.exitCode}: ${output}`);
      return fetch(`http://127.0.0.1:${port}/healthz`).then(
        (response) => response.ok,
        () => false,
      );
    });
  };
  const end = (signal: NodeJS.Signals): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill(signal);
    });
  await start();
  return {
    name: "node",
    url: `http://127.0.0.1:${port}`,
    adminToken: options.env?.ADMIN_TOKEN ?? ADMIN_TOKEN,
    dataDir,
    output: () => output,
    pids: () => (child.pid === undefined ? [] : [child.pid]),
    memory: () => residentBytes(child.pid),
    terminate: async () => {
      await end("SIGTERM");
      return child.exitCode;
    },
    restart: async () => {
      await end("SIGKILL");
      await start();
    },
    stop: async () => {
      await end("SIGKILL");
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
