import { codeOf } from "../../../core/network-error.ts";
import { type ProcessTable, treeOf } from "./process-table.ts";
import type { Command, ProcessTree, Root } from "./process-tree.ts";
import { startChild } from "./start-child.ts";

/** A process group; its id is the pid of its leader and is not given away while one of its members lives. */
export class PosixTree implements ProcessTree {
  readonly #table: ProcessTable;

  constructor(table: ProcessTable) {
    this.#table = table;
  }

  spawn(command: Command): Promise<Root> {
    return startChild(command, { detached: true });
  }

  async terminate(root: number): Promise<void> {
    signal(root, "SIGTERM");
  }

  async kill(root: number): Promise<void> {
    signal(-root, "SIGKILL");
  }

  async members(root: number): Promise<number[]> {
    // Quick, and right when it says no; a yes may mean one that has ended and that nobody collects.
    if (!signal(-root, 0)) return [];
    return treeOf(await this.#table.list(), root).map(({ pid }) => pid);
  }
}

/** False when there is nobody who could get it. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  // To the system 0 and -1 mean whole crowds: this agent's own group, and everybody.
  if (!Number.isInteger(pid) || Math.abs(pid) < 2) throw new Error(`${pid} is nobody's process id`);
  try {
    return process.kill(pid, name);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
