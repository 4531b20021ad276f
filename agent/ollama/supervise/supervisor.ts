import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { makeDir } from "../../core/identity/make-dir.ts";
import { codeOf, textOf } from "../../core/network-error.ts";
import type { Env } from "../../core/proxy-env.ts";
import { type Probe, probeWith } from "../find/probe.ts";
import type { SupervisorEvent } from "./observer.ts";
import { type Cleared, clearOrphans } from "./orphans.ts";
import { choosePort } from "./port.ts";
import { type ProcessTable, processTable } from "./processes/process-table.ts";
import { type ProcessTree, processTree } from "./processes/process-tree.ts";
import { RESTART, restartDelay } from "./restart-delay.ts";
import { RunRecordFile } from "./run-record.ts";
import { type Life, type LifeDeps, type Program, serverLife } from "./server-life.ts";
import { ServerLog } from "./server-log.ts";
import { Wish } from "./wish.ts";

export interface SupervisorOptions {
  stateDir: string;
  clock: Clock;
  /** Of the agent; the server gets a part of it. */
  env: Env;
  observe(event: SupervisorEvent): void;
  /** Looks that often whether the server hangs, milliseconds. Default: never, for whoever looks anyway calls `hung`. */
  lookEveryMs?: number;
  platform?: NodeJS.Platform;
  table?: ProcessTable;
  tree?: ProcessTree;
  probe?: Probe;
  choosePort?: (dir: string) => Promise<number>;
}

export type SupervisorState =
  | { type: "stopped" }
  | { type: "starting" }
  | { type: "running"; pid: number; version: string }
  /** It ended, and is started again when the clock shows `until`. */
  | { type: "backoff"; until: number; reason: string }
  | { type: "stopping" };

export type Started =
  | { ok: true; url: string; version: string }
  /** One line for a person. It is tried again and again all the same, until `stop`. */
  | { ok: false; error: string };

interface Run {
  program: Program;
  stop: Wish;
  /** Of the life that is going on. */
  hung: Wish;
  started(result: Started): void;
  done: Promise<void>;
}

/** Runs `ollama serve` as the agent's own, for as long as it is wanted: one that ends or hangs is started again. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #deps: LifeDeps;
  readonly #dir: string;
  #state: SupervisorState = { type: "stopped" };
  #url: string | undefined;
  #run: Run | undefined;
  #pid: number | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { stateDir, clock, env, platform = process.platform } = options;
    this.#dir = join(stateDir, "ollama");
    const table = options.table ?? processTable(platform);
    this.#deps = {
      clock,
      env,
      platform,
      dir: this.#dir,
      table,
      tree: options.tree ?? processTree(platform, table),
      probe: options.probe ?? probeWith(clock),
      log: new ServerLog(join(this.#dir, "logs"), clock),
      record: new RunRecordFile(this.#dir),
    };
  }

  get state(): SupervisorState {
    return this.#state;
  }

  /** Where the server is, or was last; undefined before the first start. It moves only when somebody else has its port. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Resolves with how the first attempt went; one that runs already is stopped before. Never rejects. */
  async start(program: Program): Promise<Started> {
    while (this.#run !== undefined) await this.stop();
    return new Promise((resolve) => {
      const run: Run = {
        program,
        stop: new Wish(),
        hung: new Wish(),
        started: resolve,
        done: Promise.resolve(),
      };
      this.#run = run;
      run.done = this.#supervise(run).finally(() => {
        this.#run = undefined;
        resolve({ ok: false, error: "stopped before it ran" });
      });
    });
  }

  /** Resolves when the server and all that it started are gone: asked for 5 s, then ended. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#state = { type: "stopping" };
    run.stop.make();
    await run.done;
  }

  /** Whoever watches the server found that it takes connections and does not answer: it is started anew. */
  hung(): void {
    if (this.#state.type === "running") this.#run?.hung.make();
  }

  /** For an agent that ends without waiting for anything: the server goes at once, with all that it started. */
  endNow(): void {
    if (this.#pid !== undefined) void this.#deps.tree.kill(this.#pid);
  }

  /**
   * Ends what an agent that was killed has left of its server; each start does so, too. Never touches what is not proven to be
   * ours. @throws the system's error
   */
  async clearOrphans(): Promise<Cleared> {
    const cleared = await clearOrphans(this.#deps);
    if (cleared.type === "clear" && cleared.ended.length > 0) {
      this.#options.observe({ type: "orphans_ended", pids: cleared.ended });
    }
    return cleared;
  }

  async #supervise(run: Run): Promise<void> {
    const { observe, clock } = this.#options;
    for (let failures = 0; !run.stop.isMade; ) {
      const { reason = "", healthyMs, left } = await this.#live(run);
      if (left.length > 0) observe({ type: "left_behind", pids: left });
      if (run.stop.isMade) break;
      failures = healthyMs >= RESTART.healthy_ms ? 1 : failures + 1;
      const inMs = restartDelay(failures);
      this.#state = { type: "backoff", until: clock.now() + inMs, reason };
      observe({ type: "restarting", inMs, reason });
      run.started({ ok: false, error: reason });
      await run.stop.within(clock, inMs);
    }
    this.#state = { type: "stopped" };
    observe({ type: "stopped" });
  }

  /** Never rejects: what keeps a server from being started is a reason like others. */
  async #live(run: Run): Promise<Life> {
    try {
      this.#setState(run, { type: "starting" });
      makeDir(join(this.#dir, "logs"));
      const obstacle = obstacleOf(await this.clearOrphans());
      if (obstacle !== undefined) return { reason: obstacle, healthyMs: 0, left: [] };
      const port = await (this.#options.choosePort ?? choosePort)(this.#dir);
      if (run.stop.isMade) return { reason: undefined, healthyMs: 0, left: [] };
      return await this.#serve(run, port);
    } catch (error) {
      return { reason: this.#reasonOf(error), healthyMs: 0, left: [] };
    }
  }

  #reasonOf(error: unknown): string {
    const code = codeOf(error);
    return code === undefined
      ? textOf(error)
      : `cannot use ${this.#dir} (${code}): check the state directory`;
  }

  async #serve(run: Run, port: number): Promise<Life> {
    const { observe, lookEveryMs } = this.#options;
    const { program, stop } = run;
    const url = `http://127.0.0.1:${port}`;
    this.#url = url;
    observe({ type: "starting", url, version: program.version });
    run.hung = new Wish();
    try {
      return await serverLife(this.#deps, {
        program,
        port,
        stop,
        hung: run.hung,
        lookEveryMs,
        spawned: (pid) => {
          this.#pid = pid;
        },
        ready: (pid, version) => {
          this.#setState(run, { type: "running", pid, version });
          observe({ type: "running", url, pid, version });
          run.started({ ok: true, url, version });
        },
      });
    } finally {
      // The number may be another process's from now on.
      this.#pid = undefined;
    }
  }

  #setState(run: Run, state: SupervisorState): void {
    if (!run.stop.isMade) this.#state = state;
  }
}

function obstacleOf(cleared: Cleared): string | undefined {
  switch (cleared.type) {
    case "clear":
      return undefined;
    case "watched":
      return `another agent (process ${cleared.agent}) runs Ollama in this state directory: stop it, or choose another --state-dir`;
    case "stuck":
      return `what an earlier Ollama left cannot be ended (processes ${cleared.left.join(", ")}): restart this machine`;
  }
}
