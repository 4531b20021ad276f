import { END, type EndTreeDeps, endTree } from "./end-tree.ts";
import { belongsTo } from "./installation.ts";
import { pause } from "./pause.ts";
import { type ProcessEntry, type ProcessTable, treeOf } from "./processes/process-table.ts";
import type { RunRecord, RunRecordFile } from "./run-record.ts";

export interface OrphanDeps extends EndTreeDeps {
  record: RunRecordFile;
  table: ProcessTable;
  /** Ends one process at once; one that is gone is no error. */
  killOne?: (pid: number) => void;
}

export type Cleared =
  /** Those that were ended; none when nothing was left behind. */
  | { type: "clear"; ended: number[] }
  /** The agent that started it is alive, and watches it. */
  | { type: "watched"; agent: number }
  /** Ours, and they cannot be ended. */
  | { type: "stuck"; left: number[] };

/**
 * Ends what an agent that was killed has left of its server. Only a process that is proven to be ours is touched: the server by
 * its pid and start time, its children by its group and the directory of their program. @throws the system's error
 */
export async function clearOrphans(deps: OrphanDeps): Promise<Cleared> {
  const { record: file, table } = deps;
  const record = file.read();
  if (record === undefined) return { type: "clear", ended: [] };
  if ((await table.bootId()) !== record.boot_id) return cleared(file, []);
  const entries = await table.list();
  const agent = entries.find((entry) => entry.pid === record.agent.pid);
  if (agent !== undefined && agent.pid !== process.pid && agent.startedAt === record.agent.started_at) {
    return { type: "watched", agent: agent.pid };
  }
  const orphans = orphansOf(entries, record);
  if (orphans.whole) {
    const left = await endTree(deps, record.server.pid, { asked: true });
    if (left.length > 0) return { type: "stuck", left };
  } else {
    const left = await endEach(deps, orphans.entries);
    if (left.length > 0) return { type: "stuck", left };
  }
  return cleared(
    file,
    orphans.entries.map(({ pid }) => pid),
  );
}

function cleared(file: RunRecordFile, ended: number[]): Cleared {
  file.delete();
  return { type: "clear", ended };
}

/** `whole`: the server itself is alive, and with it everything in its tree is ours. */
export function orphansOf(
  entries: readonly ProcessEntry[],
  { server, binary }: RunRecord,
): { whole: boolean; entries: ProcessEntry[] } {
  const tree = treeOf(entries, server.pid);
  const leader = tree.find(({ pid }) => pid === server.pid);
  if (leader !== undefined) {
    const proven =
      server.started_at === null ? leader.executable === binary : leader.startedAt === server.started_at;
    // Somebody else's that got the number: then the group of that number is theirs, too.
    return proven ? { whole: true, entries: tree } : { whole: false, entries: [] };
  }
  const since = server.started_at ?? 0;
  const ours = ({ startedAt, executable }: ProcessEntry): boolean =>
    startedAt >= since && belongsTo(binary, executable);
  return { whole: false, entries: tree.filter(ours) };
}

/** Those that are still there. */
async function endEach(deps: OrphanDeps, orphans: readonly ProcessEntry[]): Promise<number[]> {
  const { clock, table, killOne = killHard } = deps;
  for (const { pid } of orphans) killOne(pid);
  const until = clock.now() + END.gone_ms;
  for (let left = [...orphans]; ; ) {
    if (left.length === 0 || clock.now() >= until) return left.map(({ pid }) => pid);
    const entries = await table.list();
    left = left.filter((orphan) => entries.some((entry) => isSame(entry, orphan)));
    if (left.length > 0) await pause(clock, END.look_ms);
  }
}

const isSame = (a: ProcessEntry, b: ProcessEntry): boolean => a.pid === b.pid && a.startedAt === b.startedAt;

function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself, or not to be ended; the next look says which.
  }
}
