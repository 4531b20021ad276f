import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Clock ticks a second in /proc; 100 on every Linux that this runs on. */
const TICKS_PER_S = 100;

/** CPU time of processes so far, microseconds; Linux. */
export function cpuMicros(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks * 1e6) / TICKS_PER_S;
}

export interface StandInProcess {
  url: string;
  pid: number;
  stop(): void;
}

/** The stand-in Ollama as a process of its own, so that its work is not on the load generator's thread. */
export async function startStandInProcess(flags: readonly string[]): Promise<StandInProcess> {
  const program = fileURLToPath(new URL("../support/ollama/main.ts", import.meta.url));
  const child = spawn(process.execPath, [program, "--port", "0", "--exit-with-parent", ...flags], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const said: unknown = JSON.parse(line);
    if (typeof said === "object" && said !== null && "url" in said && typeof said.url === "string") {
      return { url: said.url, pid: child.pid ?? 0, stop: () => child.kill("SIGTERM") };
    }
  }
  throw new Error("the stand-in ended before it was listening");
}
