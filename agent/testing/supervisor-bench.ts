import type { Probed } from "../ollama/find/probe.ts";
import type { SupervisorEvent } from "../ollama/supervise/observer.ts";
import { type ProcessEntry, type ProcessTable, treeOf } from "../ollama/supervise/processes/process-table.ts";
import type { Command, ProcessTree } from "../ollama/supervise/processes/process-tree.ts";
import { Supervisor, type SupervisorOptions } from "../ollama/supervise/supervisor.ts";
import { FakeClock } from "./fake-clock.ts";
import { Journal } from "./journal.ts";

export const ANSWERS: Probed = { type: "ollama", version: "0.33.0" };

/** A supervisor on a machine whose processes end as a test likes; each server has one runner. */
export class SupervisorBench {
  readonly clock = new FakeClock();
  readonly events = new Journal<SupervisorEvent>();
  /** What was asked of the system, in order. */
  readonly calls: string[] = [];
  readonly supervisor: Supervisor;
  /** Processes that even a hard end does not reach. */
  readonly immortal = new Set<number>();
  /** This process, and those of servers. */
  processes: ProcessEntry[] = [processOf(process.pid, 1)];
  /** What is at the server's address. */
  probed: Probed = ANSWERS;
  spawnError: Error | undefined;
  /** Whether a server that is asked to end does. */
  obeys = true;
  /** Of the newest server. */
  command: Command | undefined;
  pid = 100_000_000;
  readonly #ends = new Map<number, (how: string) => void>();

  constructor(stateDir: string, options: Partial<SupervisorOptions> = {}) {
    this.supervisor = new Supervisor({
      stateDir,
      clock: this.clock,
      env: { JOIN_TOKEN: "secret", OLLAMA_NUM_PARALLEL: "2" },
      observe: this.events.push,
      platform: "linux",
      table: this.#table,
      tree: this.#tree,
      probe: async () => this.probed,
      choosePort: async () => 11_500,
      ...options,
    });
  }

  get runner(): number {
    return 2 * this.pid;
  }

  /** The server ends by itself; its runner stays. */
  die(how = "exit status 1"): void {
    this.processes = this.processes.filter(({ pid }) => pid !== this.pid);
    this.#ends.get(this.pid)?.(how);
  }

  /** The server says something. */
  say(text: string): void {
    this.command?.output(Buffer.from(text));
  }

  /** Resolves when there have been `count` such events. */
  happened(type: SupervisorEvent["type"], count = 1): Promise<void> {
    return this.events.count((event) => event.type === type, count);
  }

  readonly #table: ProcessTable = {
    list: async () => [...this.processes],
    bootId: async () => "boot",
  };

  readonly #tree: ProcessTree = {
    spawn: async (command) => {
      if (this.spawnError !== undefined) throw this.spawnError;
      this.calls.push("spawn");
      this.command = command;
      this.pid++;
      const { pid } = this;
      this.processes = [...this.processes, processOf(pid, pid), processOf(this.runner, pid)];
      const ended = new Promise<string>((resolve) => this.#ends.set(pid, resolve));
      return { pid, ended, drained: ended.then(() => {}), release: () => this.calls.push("release") };
    },
    terminate: async (root) => {
      this.calls.push("terminate");
      if (this.obeys) this.#end(root, "SIGTERM");
    },
    kill: async (root) => {
      this.calls.push("kill");
      this.#end(root, "SIGKILL");
    },
    members: async (root) => treeOf(this.processes, root).map(({ pid }) => pid),
  };

  #end(root: number, how: string): void {
    const tree = treeOf(this.processes, root);
    this.processes = this.processes.filter((each) => this.immortal.has(each.pid) || !tree.includes(each));
    this.#ends.get(root)?.(how);
  }
}

export function processOf(pid: number, pgid: number): ProcessEntry {
  return { pid, ppid: 1, pgid, startedAt: 77, executable: "/opt/ollama/bin/ollama" };
}
