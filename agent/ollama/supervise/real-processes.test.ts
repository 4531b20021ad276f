import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../../test/support/free-port.ts";
import {
  makeOllamaBinary,
  type OllamaBinary,
} from "../../../test/support/ollama-binary/make-ollama-binary.ts";
import { systemClock } from "../../core/clock.ts";
import { Journal } from "../../testing/journal.ts";
import { probeWith } from "../find/probe.ts";
import type { SupervisorEvent } from "./observer.ts";
import { pause } from "./pause.ts";
import { choosePort, isPortFree, USUAL_PORT } from "./port.ts";
import { processTable, treeOf } from "./processes/process-table.ts";
import type { RunRecord } from "./run-record.ts";
import { Supervisor, type SupervisorOptions } from "./supervisor.ts";

const AGENT = fileURLToPath(new URL("../../testing/supervising-agent.ts", import.meta.url));
const SECONDS = 1_000;

const table = processTable(process.platform);
const probe = probeWith(systemClock);
let binaryDir: string;
let binary: OllamaBinary;
let stateDir: string;
let ends: (() => Promise<unknown>)[];

beforeAll(() => {
  binaryDir = realpathSync(mkdtempSync(join(tmpdir(), "ollama-binary-")));
  binary = makeOllamaBinary(binaryDir);
});
afterAll(() => rmSync(binaryDir, { recursive: true, force: true }));
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "supervised-"));
  ends = [];
});
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(stateDir, { recursive: true, force: true });
});

function supervise(options: Partial<SupervisorOptions> = {}) {
  const events = new Journal<SupervisorEvent>();
  const supervisor = new Supervisor({
    stateDir,
    clock: systemClock,
    env: { ...process.env, HTTPS_PROXY: "http://user:hush@proxy.invalid:1" },
    observe: events.push,
    choosePort: freePort,
    ...options,
  });
  ends.push(() => supervisor.stop());
  return {
    supervisor,
    start: () => supervisor.start({ binary: binary.path, version: "0.33.0" }),
    /** The n-th server that runs. */
    running: async (count: number) => {
      await events.count(({ type }) => type === "running", count);
      return events.entries.filter((event) => event.type === "running")[count - 1];
    },
    events,
  };
}

/** As it is chosen, but on a machine where the usual one is taken: other tests may have it. */
const unusualPort = (dir: string): Promise<number> =>
  choosePort(dir, { isFree: async (port) => port !== USUAL_PORT && (await isPortFree(port)) });

/** A server as its user starts it: the very same program, elsewhere. */
async function usersOwn(): Promise<{ process: ChildProcess; pid: number; port: number; url: string }> {
  const port = await freePort();
  const child = spawn(binary.path, ["serve"], {
    env: { ...process.env, OLLAMA_HOST: `127.0.0.1:${port}`, OLLAMA_MODELS: join(stateDir, "users") },
    stdio: "ignore",
    detached: true,
  });
  const pid = child.pid ?? 0;
  const url = `http://127.0.0.1:${port}`;
  ends.push(async () => endGroup(pid));
  await until(async () => (await probe(url, 1 * SECONDS)).type === "ollama");
  return { process: child, pid, port, url };
}

function endGroup(pgid: number): void {
  try {
    process.kill(-pgid, "SIGKILL");
  } catch {
    // The test has done it.
  }
}

/** Looks again and again; what a process does to others has no event. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 10 * SECONDS;
  while (!(await isSo())) {
    if (performance.now() > limit) throw new Error("not within 10 s");
    await pause(systemClock, 20);
  }
}

const groupOf = async (pgid: number): Promise<number[]> =>
  treeOf(await table.list(), pgid).map(({ pid }) => pid);

const recordPath = (): string => join(stateDir, "ollama", "run.json");

async function writeRecord(record: Partial<RunRecord> & Pick<RunRecord, "server">): Promise<void> {
  mkdirSync(join(stateDir, "ollama"), { recursive: true });
  const whole: RunRecord = {
    boot_id: await table.bootId(),
    agent: { pid: 99_999_999, started_at: 1 },
    binary: binary.path,
    version: "0.33.0",
    port: 11_434,
    ...record,
  };
  writeFileSync(recordPath(), JSON.stringify(whole));
}

function rememberPort(port: number): void {
  mkdirSync(join(stateDir, "ollama"), { recursive: true });
  writeFileSync(join(stateDir, "ollama", "port.json"), JSON.stringify({ port }));
}

async function startTimeOf(pid: number): Promise<number> {
  return (await table.list()).find((entry) => entry.pid === pid)?.startedAt ?? 0;
}

describe("a supervised Ollama, as processes", () => {
  it("that is killed is back within two seconds, without its old runner and with its models", async () => {
    const { supervisor, start, running } = supervise({ choosePort: unusualPort });
    const started = await start();
    expect(started).toMatchObject({ ok: true, version: "0.33.0" });
    const first = await running(1);
    if (first === undefined) throw new Error("not running");
    expect(await groupOf(first.pid)).toHaveLength(2);
    const pulled = await fetch(`${first.url}/api/pull`, { method: "POST", body: '{"model":"tiny"}' });
    expect(await pulled.text()).toContain('"success"');

    const killedAt = performance.now();
    process.kill(first.pid, "SIGKILL");
    const second = await running(2);
    expect(performance.now() - killedAt).toBeLessThan(2 * SECONDS);
    expect(second?.url).toBe(first.url);
    expect(await groupOf(first.pid)).toEqual([]);
    expect(await (await fetch(`${first.url}/api/tags`)).text()).toContain("tiny:latest");

    await supervisor.stop();
    expect(await groupOf(second?.pid ?? 0)).toEqual([]);
    expect((await probe(first.url, 1 * SECONDS)).type).toBe("absent");
    const log = readFileSync(join(stateDir, "ollama", "logs", "server.log"), "utf8");
    expect(log).toContain("Listening on 127.0.0.1:");
    expect(log).toContain("***@proxy.invalid");
    expect(log).not.toContain("hush");
  });

  it("that hangs is noticed and started again", async () => {
    const { start, running, events } = supervise({
      lookEveryMs: 50,
      // The limit of two seconds is shown with a clock that a test moves; here the silence is real.
      probe: (url) => probe(url, 300),
    });
    await start();
    const first = await running(1);
    process.kill(first?.pid ?? 0, "SIGUSR2");
    const second = await running(2);
    expect(second?.pid).not.toBe(first?.pid);
    expect(events.entries.find(({ type }) => type === "restarting")).toMatchObject({
      reason: "Ollama takes connections and does not answer",
    });
    expect(await groupOf(first?.pid ?? 0)).toEqual([]);
  });

  it("that cannot start says why in its own words", async () => {
    const failing = makeOllamaBinary(join(stateDir, "failing"), { failsWith: "no such device" });
    const { supervisor } = supervise();
    expect(await supervisor.start({ binary: failing.path, version: "0.33.0" })).toEqual({
      ok: false,
      error: "Ollama ended (exit status 1): Error: no such device",
    });
  });
});

describe("after an agent that was killed", () => {
  it("the next one finds what it left, and ends it", async () => {
    rememberPort(await freePort());
    const agent = spawn(process.execPath, [AGENT, stateDir, binary.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => {
      createInterface(agent.stdout).on("line", (line) => {
        const event: SupervisorEvent = JSON.parse(line);
        if (event.type !== "running") return;
        ends.push(async () => endGroup(event.pid));
        resolve(event.pid);
      });
    });
    agent.kill("SIGKILL");
    await once(agent, "exit");
    // Its runner at least outlives it: nobody told it.
    expect((await groupOf(pid)).length).toBeGreaterThan(0);

    const { supervisor, events } = supervise();
    expect(await supervisor.clearOrphans()).toMatchObject({ type: "clear" });
    expect(await groupOf(pid)).toEqual([]);
    expect(events.entries).toMatchObject([{ type: "orphans_ended" }]);
    expect(() => readFileSync(recordPath())).toThrow("ENOENT");
    expect(await supervisor.clearOrphans()).toEqual({ type: "clear", ended: [] });
  });

  it("a server that still runs is ended with its runner", async () => {
    const left = await usersOwn();
    await writeRecord({ server: { pid: left.pid, started_at: await startTimeOf(left.pid) } });
    const { supervisor } = supervise();
    const cleared = await supervisor.clearOrphans();
    expect(cleared).toMatchObject({ type: "clear", ended: expect.arrayContaining([left.pid]) });
    expect(await groupOf(left.pid)).toEqual([]);
  });

  it("a runner without its server is ended", async () => {
    const left = await usersOwn();
    await writeRecord({ server: { pid: left.pid, started_at: await startTimeOf(left.pid) } });
    left.process.kill("SIGKILL");
    await once(left.process, "exit");
    expect(await groupOf(left.pid)).toHaveLength(1);
    const { supervisor } = supervise();
    expect(await supervisor.clearOrphans()).toMatchObject({ type: "clear", ended: [expect.any(Number)] });
    expect(await groupOf(left.pid)).toEqual([]);
  });
});

describe("a user's own server", () => {
  it("is never touched, even where a record names its number", async () => {
    const own = await usersOwn();
    const startedAt = await startTimeOf(own.pid);
    const { supervisor } = supervise();
    for (const record of [
      { server: { pid: own.pid, started_at: startedAt - 1 } },
      { server: { pid: own.pid, started_at: startedAt }, boot_id: "an earlier start of the machine" },
      { server: { pid: own.pid, started_at: null } },
    ]) {
      await writeRecord(record);
      expect(await supervisor.clearOrphans()).toEqual({ type: "clear", ended: [] });
      expect(await groupOf(own.pid)).toHaveLength(2);
    }
  });

  it("keeps its port, and answers before, while and after ours does", async () => {
    const own = await usersOwn();
    rememberPort(own.port);
    const { supervisor, start, running } = supervise({ choosePort: unusualPort });
    expect(await start()).toMatchObject({ ok: true });
    expect(supervisor.url).not.toBe(own.url);
    supervisor.hung();
    await running(2);
    expect((await probe(own.url, 2 * SECONDS)).type).toBe("ollama");
    await supervisor.stop();
    expect((await probe(own.url, 2 * SECONDS)).type).toBe("ollama");
    expect(await groupOf(own.pid)).toHaveLength(2);
  });
});
