import { spawn } from "node:child_process";

export interface QuickTunnel {
  url: string;
  stop(): void;
}

/** How long cloudflared may take to name its address, ms. */
const START_MS = 30_000;

/**
 * Runs an installed `cloudflared` quick tunnel to this coordinator.
 * @throws Error that says what to do, when it is not installed or gives no address
 */
export function startQuickTunnel(port: number): Promise<QuickTunnel> {
  const child = spawn("cloudflared", ["tunnel", "--url", `http://127.0.0.1:${port}`, "--no-autoupdate"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => {
      child.kill();
      reject(new Error(`--tunnel: cloudflared gave no address within ${START_MS / 1_000} s`));
    }, START_MS);
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-16_384);
      const url = /https:\/\/[a-z0-9-]+\.trycloudflare\.com/.exec(output)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve({ url, stop: () => child.kill() });
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", (error) => {
      clearTimeout(timer);
      const missing = "code" in error && error.code === "ENOENT";
      reject(
        new Error(
          missing
            ? "--tunnel: cloudflared is not installed; install it, or leave --tunnel out"
            : `--tunnel: ${error.message}`,
        ),
      );
    });
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(
        new Error(`--tunnel: cloudflared ended with code ${code}: ${output.trim().split("\n").at(-1) ?? ""}`),
      );
    });
  });
}
