import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { makeDir } from "../../core/identity/make-dir.ts";
import { codeOf, textOf } from "../../core/network-error.ts";
import type { Env } from "../../core/proxy-env.ts";
import type { Probe } from "../find/probe.ts";
import { serverEnv } from "./child-env.ts";
import { endTree } from "./end-tree.ts";
import { pause } from "./pause.ts";
import type { ProcessTable } from "./processes/process-table.ts";
import type { ProcessTree, Root } from "./processes/process-tree.ts";
import type { RunRecord, RunRecordFile } from "./run-record.ts";
import type { ServerLog } from "./server-log.ts";
import { type Over, WATCH, type WatchOptions, watchServer } from "./watch-server.ts";

/** For the last words of one that has ended. */
const DRAIN_MS = 500;

export interface Program {
  /** An `ollama`, absolute. */
  binary: string;
  version: string;
  /** The owner lets ollama.com cloud models be used. */
  allowCloud?: boolean;
  /** The user's own program, run for them: their home and their models stay in use. */
  ofUser?: boolean;
}

export interface LifeDeps {
  clock: Clock;
  env: Env;
  platform: NodeJS.Platform;
  /** `ollama` in the state directory. */
  dir: string;
  table: ProcessTable;
  tree: ProcessTree;
  probe: Probe;
  log: ServerLog;
  record: RunRecordFile;
}

export interface LifeOptions extends Pick<WatchOptions, "stop" | "hung" | "lookEveryMs"> {
  program: Program;
  port: number;
  spawned(pid: number): void;
  ready(pid: number, version: string): void;
}

export interface Life {
  /** Why it ended, one line for a person; undefined when it was told to. */
  reason: string | undefined;
  /** From its first answer to its end; 0 when it gave none. */
  healthyMs: number;
  /** What could not be ended. */
  left: number[];
}

/**
 * A managed server from its start to its end, with all that it started.
 * @throws the system's error when it cannot be started, or looked at
 */
export async function serverLife(deps: LifeDeps, options: LifeOptions): Promise<Life> {
  const { clock, log, record } = deps;
  const { port } = options;
  const recordOf = await recordMaker(deps, options);
  log.begin();
  const root = await start(deps, options);
  options.spawned(root.pid);
  let readyAt: number | undefined;
  let over: Over | undefined;
  let identified: Promise<void> | undefined;
  try {
    record.write(recordOf(root.pid, null));
    identified = identify(deps, root.pid, recordOf, () => over !== undefined);
    over = await watchServer({
      ...deps,
      ...options,
      root,
      url: `http://127.0.0.1:${port}`,
      ready: (version) => {
        readyAt = clock.now();
        options.ready(root.pid, version);
      },
    });
    const healthyMs = readyAt === undefined ? 0 : clock.now() - readyAt;
    const left = await end(deps, root, { asked: over.type === "stop" });
    return { reason: reasonOf(over, log), healthyMs, left };
  } finally {
    await identified;
    if (over === undefined) await end(deps, root, { asked: false });
  }
}

/** Its environment and its homes are its own; its directory, too, so that a core dump does not land in the user's. */
async function start(deps: LifeDeps, { program, port }: LifeOptions): Promise<Root> {
  const { dir, env, platform, tree, log } = deps;
  const { allowCloud = false, ofUser = false } = program;
  const home = join(dir, "home");
  makeDir(home);
  const own = ofUser ? undefined : { home, models: join(dir, "models") };
  if (own !== undefined) makeDir(own.models);
  try {
    return await tree.spawn({
      binary: program.binary,
      args: ["serve"],
      env: serverEnv(env, { platform, port, allowCloud, own }),
      cwd: home,
      output: (chunk) => log.write(chunk),
    });
  } catch (cause) {
    const why = codeOf(cause) ?? textOf(cause);
    throw new Error(`cannot start ${program.binary} (${why}): install Ollama again`, { cause });
  }
}

async function recordMaker(
  { table }: LifeDeps,
  { program, port }: LifeOptions,
): Promise<(pid: number, startedAt: number | null) => RunRecord> {
  const { version } = program;
  const binary = await realpath(program.binary).catch(() => program.binary);
  const agent = (await table.list()).find(({ pid }) => pid === process.pid);
  const boot_id = await table.bootId();
  return (pid, startedAt) => ({
    server: { pid, started_at: startedAt },
    boot_id,
    agent: { pid: process.pid, started_at: agent?.startedAt ?? 0 },
    binary,
    version,
    port,
  });
}

/** Adds what tells it from another process that gets its number. */
async function identify(
  { table, record }: LifeDeps,
  root: number,
  recordOf: (pid: number, startedAt: number | null) => RunRecord,
  isOver: () => boolean,
): Promise<void> {
  try {
    const entry = (await table.list()).find(({ pid }) => pid === root);
    // A list takes Windows seconds: by then the record may have been deleted for good.
    if (entry !== undefined && !isOver()) record.write(recordOf(root, entry.startedAt));
  } catch {
    // The record that is there says less, and is right.
  }
}

/** Whatever is left of it, in its group or as its children, is ended as well. */
async function end(deps: LifeDeps, root: Root, { asked }: { asked: boolean }): Promise<number[]> {
  const left = await endTree(deps, root.pid, { asked });
  await pause(deps.clock, DRAIN_MS, root.drained);
  root.release();
  await pause(deps.clock, DRAIN_MS, deps.log.flush());
  if (left.length === 0) deps.record.delete();
  return left;
}

function reasonOf(over: Over, log: ServerLog): string | undefined {
  const words = log.lastWords();
  const said = words === undefined ? "" : `: ${words}`;
  switch (over.type) {
    case "stop":
      return undefined;
    case "ended":
      return `Ollama ended (${over.how})${said}`;
    case "hung":
      return "Ollama takes connections and does not answer";
    case "late":
      return `Ollama does not answer ${WATCH.ready_ms / 1_000} s after its start${said}`;
  }
}
