import { linuxTable } from "./linux-table.ts";
import { psTable } from "./ps-table.ts";
import { windowsTable } from "./windows-table.ts";

/** A process that is alive; those that have ended and were not yet collected are left out. */
export interface ProcessEntry {
  pid: number;
  ppid: number;
  /** Undefined where the system has no process groups. */
  pgid: number | undefined;
  /** In a unit and from an origin of the platform's own; with the pid it names a process of one boot. */
  startedAt: number;
  /** As the system tells it, links followed; undefined for another user's. */
  executable: string | undefined;
}

export interface ProcessTable {
  /** @throws the system's error */
  list(): Promise<ProcessEntry[]>;
  /** Changes with each start of the machine, where `startedAt` counts from there; otherwise empty. @throws the system's error */
  bootId(): Promise<string>;
}

/** What the system says of its processes, read anew each time. */
export function processTable(platform: NodeJS.Platform): ProcessTable {
  switch (platform) {
    case "linux":
      return linuxTable();
    case "win32":
      return windowsTable;
    default:
      return psTable;
  }
}

/** Those that the process `root` started, and itself: its group, or its children where there are no groups. */
export function treeOf(entries: readonly ProcessEntry[], root: number): ProcessEntry[] {
  const since = entries.find(({ pid }) => pid === root)?.startedAt ?? 0;
  return entries.filter(({ pid, ppid, pgid, startedAt }) => {
    if (pid === root || pgid !== undefined) return pid === root || pgid === root;
    // Where a parent is told that is long gone, its number may be another one's now.
    return ppid === root && startedAt >= since;
  });
}
