import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Resident set of a process, bytes. */
export function residentBytes(pid: number | undefined): number {
  if (process.platform === "linux") {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4_096;
  }
  if (process.platform === "win32") {
    const row = tasklist(`PID eq ${pid}`)[0] ?? "";
    return Number((/"([\d.,\s]+) K"/.exec(row)?.[1] ?? "0").replace(/\D/g, "")) * 1_024;
  }
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1_024;
}

/** workerd processes that this process has started; on Windows all of them, of which callers take the new ones. */
export function workerdProcesses(): number[] {
  if (process.platform === "win32") {
    return tasklist("IMAGENAME eq workerd.exe")
      .flatMap((row) => /^"[^"]*","(\d+)"/.exec(row)?.[1] ?? [])
      .map(Number);
  }
  if (process.platform !== "linux") {
    const rows = execFileSync("ps", ["-axo", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
    return rows.flatMap((row) => {
      const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return Number(parent) === process.pid && command.includes("workerd") ? [Number(pid)] : [];
    });
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        return stat.includes("(workerd)") && Number(stat.split(") ")[1]?.split(" ")[1]) === process.pid;
      } catch {
        // It ended while we looked.
        return false;
      }
    });
}

/** Processes of this Linux machine whose command line names `path`. */
export function processesNaming(path: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(path);
      } catch {
        // It ended while we looked.
        return false;
      }
    });
}

function tasklist(filter: string): string[] {
  const rows = execFileSync("tasklist", ["/fi", filter, "/fo", "csv", "/nh"], { encoding: "utf8" }).split(
    "\r\n",
  );
  return rows.filter((row) => row.startsWith('"'));
}
