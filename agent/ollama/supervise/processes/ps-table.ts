import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

const run = promisify(execFile);
const COLUMNS = "pid=,ppid=,pgid=,stat=,lstart=,comm=";

/** macOS and the BSDs. Start times are dates, so that the boot need not be known. */
export const psTable: ProcessTable = {
  list: async () => {
    const { stdout } = await run("ps", ["-axwwo", COLUMNS], {
      // Dates are in the language and the time zone of the environment.
      env: { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" },
      maxBuffer: 16 * 1024 * 1024,
      timeout: 10_000,
    });
    return parsePs(stdout);
  },
  bootId: async () => "",
};

/** Rows as `  501     1   501 Ss   Mon Nov 23 11:12:08 2026     /path with spaces/ollama`. */
export function parsePs(output: string): ProcessEntry[] {
  return output.split("\n").flatMap((row) => {
    const [, pid, ppid, pgid, state = "", started = "", executable] =
      /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+ +\w+ +\d+ [\d:]+ \d+)\s+(.*?)\s*$/.exec(row) ?? [];
    const startedAt = Date.parse(`${started} UTC`);
    if (Number.isNaN(startedAt) || state.startsWith("Z")) return [];
    return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), startedAt, executable }];
  });
}
