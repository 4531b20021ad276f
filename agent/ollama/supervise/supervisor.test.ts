import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ANSWERS, processOf, SupervisorBench } from "../../testing/supervisor-bench.ts";
import type { SupervisorOptions } from "./supervisor.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "supervisor-"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const PROGRAM = { binary: "/opt/ollama/bin/ollama", version: "0.33.0" };
const bench = (options: Partial<SupervisorOptions> = {}) => new SupervisorBench(stateDir, options);

describe("a supervised Ollama", () => {
  it("is started with an environment of its own, recorded, and stopped with all that it started", async () => {
    const world = bench();
    const started = await world.supervisor.start(PROGRAM);
    expect(started).toEqual({ ok: true, url: "http://127.0.0.1:11500", version: "0.33.0" });
    expect(world.supervisor.state).toEqual({ type: "running", pid: world.pid, version: "0.33.0" });
    expect(world.command).toMatchObject({
      binary: PROGRAM.binary,
      args: ["serve"],
      cwd: join(stateDir, "ollama", "home"),
      env: {
        OLLAMA_HOST: "127.0.0.1:11500",
        OLLAMA_MODELS: join(stateDir, "ollama", "models"),
        OLLAMA_NUM_PARALLEL: "2",
        OLLAMA_NO_CLOUD: "1",
      },
    });
    expect(world.command?.env).not.toHaveProperty("JOIN_TOKEN");
    const record = JSON.parse(readFileSync(join(stateDir, "ollama", "run.json"), "utf8"));
    expect(record).toMatchObject({
      server: { pid: world.pid, started_at: 77 },
      boot_id: "boot",
      agent: { pid: process.pid, started_at: 77 },
      binary: PROGRAM.binary,
      port: 11_500,
    });

    await world.supervisor.stop();
    expect(world.supervisor.state).toEqual({ type: "stopped" });
    expect(world.calls).toEqual(["spawn", "terminate", "release"]);
    expect(world.processes).toHaveLength(1);
    expect(() => readFileSync(join(stateDir, "ollama", "run.json"))).toThrow("ENOENT");
    expect(world.events.entries.map(({ type }) => type)).toEqual(["starting", "running", "stopped"]);
    expect(world.clock.pending).toEqual([]);
  });

  it("leaves no record of a server that has ended, however late the system tells of its processes", async () => {
    const late = Promise.withResolvers<void>();
    let lists = 0;
    const world: SupervisorBench = bench({
      table: {
        list: async () => {
          const entries = [...world.processes];
          // The second is for the server that was just started.
          if (++lists === 2) await late.promise;
          return entries;
        },
        bootId: async () => "boot",
      },
    });
    await world.supervisor.start(PROGRAM);
    const stopped = world.supervisor.stop();
    await expect.poll(() => world.calls).toContain("release");
    late.resolve();
    await stopped;
    expect(() => readFileSync(join(stateDir, "ollama", "run.json"))).toThrow("ENOENT");
  });

  it("is started again: at once the first time, then after waits that double up to a minute", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    const waits: number[] = [];
    for (let n = 1; n <= 11; n++) {
      world.say(`Error: out of luck ${n}\n`);
      world.die();
      await world.happened("restarting", n);
      const last = world.events.entries.at(-1);
      if (last?.type !== "restarting") throw new Error("no restart");
      expect(last.reason).toBe(`Ollama ended (exit status 1): Error: out of luck ${n}`);
      expect(world.supervisor.state).toMatchObject({ type: "backoff", until: world.clock.now() + last.inMs });
      waits.push(last.inMs);
      world.clock.advance(last.inMs);
      await world.happened("running", n + 1);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    // What a server left in its group went with it.
    expect(world.processes).toHaveLength(3);

    world.clock.advance(60_000);
    world.die();
    await world.happened("restarting", 12);
    expect(world.events.entries.at(-1)).toMatchObject({ inMs: 250 });
    await world.supervisor.stop();
    expect(world.clock.pending).toEqual([]);
  });

  it("that hangs is ended hard, with its tree, and started again", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    world.supervisor.hung();
    await world.happened("restarting");
    expect(world.events.entries.at(-1)).toMatchObject({
      reason: "Ollama takes connections and does not answer",
      inMs: 250,
    });
    expect(world.calls).toEqual(["spawn", "kill", "release"]);
    // One report is one restart.
    world.supervisor.hung();
    world.clock.advance(250);
    await world.happened("running", 2);
    expect(world.supervisor.state.type).toBe("running");
    await world.supervisor.stop();
  });

  it("is found hung by two questions in a row that stay unanswered, where nobody else looks", async () => {
    const world = bench({ lookEveryMs: 10_000 });
    await world.supervisor.start(PROGRAM);
    await world.clock.timer(10_000);
    world.probed = { type: "silent" };
    world.clock.advance(10_000);
    await world.clock.timer(2_000);
    world.probed = ANSWERS;
    world.clock.advance(2_000);
    await world.clock.timer(10_000);
    expect(world.supervisor.state.type).toBe("running");
    world.probed = { type: "silent" };
    world.clock.advance(10_000);
    await world.clock.timer(2_000);
    world.clock.advance(2_000);
    await world.happened("restarting");
    await world.supervisor.stop();
    expect(world.clock.pending).toEqual([]);
  });

  it("that does not obey is ended after five seconds", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    world.obeys = false;
    const stopped = world.supervisor.stop();
    expect(world.supervisor.state.type).toBe("stopping");
    for (let ms = 0; ms < 5_000; ms += 50) {
      await world.clock.timer(50);
      expect(world.calls).not.toContain("kill");
      world.clock.advance(50);
    }
    await stopped;
    expect(world.calls).toEqual(["spawn", "terminate", "kill", "release"]);
  });

  it("that goes without its children does not keep the agent waiting", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    world.obeys = false;
    const stopped = world.supervisor.stop();
    await world.clock.timer(50);
    world.die("SIGTERM");
    world.clock.advance(50);
    await stopped;
    expect(world.calls).toEqual(["spawn", "terminate", "kill", "release"]);
    expect(world.processes).toHaveLength(1);
  });

  it("tells of what the system does not end, and starts nothing beside it", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    const { runner } = world;
    world.immortal.add(runner);
    world.die();
    for (let ms = 0; ms < 3_000; ms += 50) {
      await world.clock.timer(50);
      world.clock.advance(50);
    }
    await world.happened("left_behind");
    expect(world.events.entries.at(-2)).toEqual({ type: "left_behind", pids: [runner] });
    await world.happened("restarting");
    await world.supervisor.stop();
    expect(readFileSync(join(stateDir, "ollama", "run.json"), "utf8")).toContain(String(world.pid));
  });

  it("says of a first start that fails why, and tries again", async () => {
    const world = bench();
    world.spawnError = Object.assign(new Error("spawn"), { code: "ENOENT" });
    expect(await world.supervisor.start(PROGRAM)).toEqual({
      ok: false,
      error: "cannot start /opt/ollama/bin/ollama (ENOENT): install Ollama again",
    });
    world.spawnError = undefined;
    world.clock.advance(250);
    await world.happened("running");
    await world.supervisor.stop();
  });

  it("that never answers is given up after two minutes", async () => {
    const world = bench();
    world.probed = { type: "silent" };
    const started = world.supervisor.start(PROGRAM);
    for (let ms = 0; ms < 120_000; ms += 100) {
      await world.clock.timer(100);
      world.clock.advance(100);
    }
    expect(await started).toEqual({ ok: false, error: "Ollama does not answer 120 s after its start" });
    expect(world.processes).toHaveLength(1);
    await world.supervisor.stop();
  });

  it("can be stopped while it starts and while it waits", async () => {
    const world = bench();
    world.probed = { type: "absent", why: "ECONNREFUSED" };
    const started = world.supervisor.start(PROGRAM);
    await world.clock.timer(100);
    await world.supervisor.stop();
    expect(await started).toEqual({ ok: false, error: "stopped before it ran" });

    world.probed = ANSWERS;
    await world.supervisor.start(PROGRAM);
    world.die();
    await world.happened("restarting");
    await world.supervisor.stop();
    await world.supervisor.stop();
    expect(world.supervisor.state).toEqual({ type: "stopped" });
    expect(world.clock.pending).toEqual([]);
  });

  it("is not held back by an agent that cannot wait", async () => {
    const world = bench();
    world.supervisor.endNow();
    expect(world.calls).toEqual([]);
    await world.supervisor.start(PROGRAM);
    world.supervisor.endNow();
    expect(world.processes).toHaveLength(1);
    await world.supervisor.stop();
  });

  it("may use ollama.com where its owner says so", async () => {
    const world = bench();
    await world.supervisor.start({ ...PROGRAM, allowCloud: true });
    expect(world.command?.env).not.toHaveProperty("OLLAMA_NO_CLOUD");
    await world.supervisor.stop();
  });

  it("gives way to another version", async () => {
    const world = bench();
    await world.supervisor.start(PROGRAM);
    await world.supervisor.start({ binary: "/opt/new/bin/ollama", version: "0.34.0" });
    expect(world.command?.binary).toBe("/opt/new/bin/ollama");
    expect(world.processes).toHaveLength(3);
    await world.supervisor.stop();
  });

  it("is left to the agent that watches it", async () => {
    const world = bench();
    mkdirSync(join(stateDir, "ollama"), { recursive: true });
    world.processes = [...world.processes, processOf(4711, 4711), processOf(4712, 4712)];
    const record = {
      server: { pid: 4712, started_at: 77 },
      boot_id: "boot",
      agent: { pid: 4711, started_at: 77 },
      binary: PROGRAM.binary,
      version: "0.33.0",
      port: 11_434,
    };
    writeFileSync(join(stateDir, "ollama", "run.json"), JSON.stringify(record));
    expect(await world.supervisor.start(PROGRAM)).toMatchObject({
      ok: false,
      error: expect.stringContaining("another agent (process 4711)"),
    });
    expect(world.calls).toEqual([]);
    await world.supervisor.stop();
  });
});
