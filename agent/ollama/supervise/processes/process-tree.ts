import { PosixTree } from "./posix-tree.ts";
import type { ProcessTable } from "./process-table.ts";
import { WindowsTree } from "./windows-tree.ts";

export interface Command {
  binary: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Called with what it writes on both outputs, as it comes. */
  output(chunk: Buffer): void;
}

/** The first process of a tree. */
export interface Root {
  pid: number;
  /** Resolves once it is gone, with how, for a person: `exit status 1`, `SIGKILL`; never rejects. */
  ended: Promise<string>;
  /** Resolves once nobody can write to its outputs any more and all is read; never rejects. */
  drained: Promise<void>;
  /** Reads no more of its outputs: something that outlives it may hold them open. */
  release(): void;
}

/**
 * A program with all that it starts, to be ended as one. Ollama's runners outlive an Ollama that is killed, with the memory of
 * their models. Everything but `spawn` works on a tree that an earlier agent left as well.
 */
export interface ProcessTree {
  /** @throws the system's error when it cannot be started */
  spawn(command: Command): Promise<Root>;
  /** Asks the root to end; it ends its children. Where the system has no such question, as `kill`. Never rejects. */
  terminate(root: number): Promise<void>;
  /** Ends all of them at once. Never rejects; `members` says whether it worked. */
  kill(root: number): Promise<void>;
  /** Those that are alive, the root included. @throws the system's error */
  members(root: number): Promise<number[]>;
}

export function processTree(platform: NodeJS.Platform, table: ProcessTable): ProcessTree {
  return platform === "win32" ? new WindowsTree(table) : new PosixTree(table);
}
