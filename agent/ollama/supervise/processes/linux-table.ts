import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessEntry, ProcessTable } from "./process-table.ts";

/** @param proc where the system shows its processes */
export function linuxTable(proc = "/proc"): ProcessTable {
  return {
    list: async () => {
      const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
      const entries = await Promise.all(pids.map((pid) => entryOf(join(proc, pid))));
      return entries.filter((entry) => entry !== undefined);
    },
    bootId: async () => (await readFile(join(proc, "sys/kernel/random/boot_id"), "utf8")).trim(),
  };
}

async function entryOf(dir: string): Promise<ProcessEntry | undefined> {
  let stat: string;
  try {
    stat = await readFile(join(dir, "stat"), "utf8");
  } catch {
    // It ended while we looked.
    return undefined;
  }
  // Without leave for another user's, and without any for a kernel thread.
  const link = await readlink(join(dir, "exe")).catch(() => undefined);
  return parseStat(stat, link);
}

/** Of `/proc/PID/stat` (proc_pid_stat(5)); the name in it may hold spaces and parentheses. */
export function parseStat(stat: string, executable: string | undefined): ProcessEntry | undefined {
  const end = stat.lastIndexOf(")");
  const [state = "", ppid, pgid, ...rest] = stat.slice(end + 2).split(" ");
  // Field 22 of the line, `rest` begins with the sixth: ticks since the machine started.
  const startedAt = Number(rest[16]);
  const pid = Number.parseInt(stat, 10);
  if (end < 0 || !Number.isInteger(pid) || !Number.isFinite(startedAt) || /[ZXx]/.test(state))
    return undefined;
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    startedAt,
    // An update may have replaced the file of a program that runs.
    executable: executable?.replace(/ \(deleted\)$/, ""),
  };
}
