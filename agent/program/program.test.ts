import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeCoordinator } from "../testing/fake-coordinator.ts";
import { httpServer, type TestServer } from "../testing/http-server.ts";
import type { LoopEnd } from "./agent-loop.ts";
import { openProgram, type ProgramInvocation } from "./open-program.ts";
import type { Program } from "./program.ts";
import type { AgentStatus } from "./status.ts";

let stateDir: string;
let coordinator: FakeCoordinator;
let ollama: TestServer;
let slow: (() => void)[];
const running: { program: Program; ended: Promise<LoopEnd> }[] = [];

beforeEach(async () => {
  stateDir = join(await mkdtemp(join(tmpdir(), "program-")), "state");
  coordinator = await FakeCoordinator.start();
  slow = [];
  const own: Record<string, string> = {
    "/api/version": '{"version":"0.33.0"}',
    "/api/ps": '{"models":[{"name":"tiny:latest"}]}',
    "/api/tags": '{"models":[{"name":"tiny:latest","size":7}]}',
  };
  ollama = await httpServer((request, response) => {
    const answer = own[request.url ?? ""];
    if (answer !== undefined) response.end(answer);
    else {
      request.resume();
      slow.push(() => response.end("{}"));
    }
  });
});
afterEach(async () => {
  for (const { program, ended } of running.splice(0)) {
    await program.stop({ graceMs: 0 });
    await ended;
  }
  await coordinator.stop();
  await ollama.close();
  await rm(join(stateDir, ".."), { recursive: true, force: true });
});

async function open(changes: Partial<ProgramInvocation> = {}): Promise<Program> {
  const program = await openProgram({
    stateDir,
    env: {},
    home: stateDir,
    defaultName: "bench",
    given: { coordinator_url: coordinator.url },
    joinToken: "join-1",
    ollamaUrl: ollama.url,
    heartbeatMs: undefined,
    ollamaParallel: undefined,
    machineId: "machine",
    assumeYes: false,
    attended: true,
    observe: () => {},
    ...changes,
  });
  running.push({ program, ended: program.run() });
  return program;
}

/** The first status, now or later, that is as wanted. */
function status(program: Program, wanted: (status: AgentStatus) => boolean): Promise<AgentStatus> {
  return new Promise((resolve) => {
    const end = program.subscribe((now) => look(now));
    const look = (now: AgentStatus): void => {
      if (!wanted(now)) return;
      end();
      resolve(now);
    };
    look(program.status());
  });
}
const online = (program: Program) => status(program, ({ connection }) => connection.state === "online");
const told = (wanted: (state: { yielding?: unknown; allow_manage?: unknown }) => boolean) =>
  coordinator.journal.find((event) =>
    event.type === "state" && wanted(event.state) ? event.state : undefined,
  );

test("says who it is, where its Ollama is and what it has", async () => {
  const program = await open();
  await online(program);
  const now = await status(program, (one) => one.ollama.models.length > 0);
  expect(now).toMatchObject({
    name: "bench",
    coordinator_url: coordinator.url,
    sharing: { state: "sharing" },
    ollama: { source: "attached", url: ollama.url, state: "ok", version: "0.33.0" },
    job: null,
    question: null,
  });
  expect(now.ollama.models).toEqual([{ name: "tiny:latest", size: 7, loaded: true }]);
  expect(program.recentLog().join("\n")).toContain("online as");
});

test("a pause is told at once, lasts over a restart, and ends when it is resumed", async () => {
  const program = await open();
  await online(program);
  expect(await program.perform({ type: "pause", until: null })).toEqual({ ok: true });
  await told((state) => JSON.stringify(state.yielding) === '{"reason":"paused"}');
  await program.stop({ graceMs: 0 });
  await running.splice(0)[0]?.ended;
  const again = await open();
  await online(again);
  expect(again.status().sharing).toMatchObject({ state: "yielding", reason: "paused", until: null });
  await coordinator.journal.find((event) =>
    event.type === "hello" && event.hello.state.yielding?.reason === "paused" ? true : undefined,
  );
  await again.perform({ type: "resume" });
  expect(again.status().sharing).toEqual({ state: "sharing" });
  await told((state) => state.yielding === null);
});

test("a pause until a moment that is over is refused", async () => {
  const program = await open();
  expect(await program.perform({ type: "pause", until: "2020-01-01T00:00:00Z" })).toMatchObject({
    ok: false,
  });
  expect(program.status().sharing).toEqual({ state: "sharing" });
});

test("what the owner changes holds at once, is kept, and what was given at the start is locked", async () => {
  const program = await open();
  await online(program);
  await program.perform({ type: "configure", settings: { allow_manage: true, language: "ja" } });
  await told((state) => state.allow_manage === true);
  expect(JSON.parse(await readFile(join(stateDir, "settings.json"), "utf8"))).toMatchObject({
    allow_manage: true,
    language: "ja",
  });
  const { locked } = program.settings();
  expect(locked).toEqual(["coordinator_url"]);
  const refused = await program.perform({
    type: "configure",
    settings: { coordinator_url: "https://other.example", allow_cloud: true },
  });
  expect(refused).toMatchObject({ ok: false, error: expect.stringContaining("coordinator_url") });
  expect(program.settings().settings.allow_cloud).toBe(false);
});

test("without a coordinator it waits for its address, and still shows its Ollama", async () => {
  const program = await open({ given: {} });
  const waiting = await status(program, ({ ollama }) => ollama.state === "ok");
  expect(waiting.connection).toEqual({ state: "unconfigured" });
  await program.perform({ type: "configure", settings: { coordinator_url: coordinator.url } });
  await online(program);
  expect(program.status().coordinator_url).toBe(coordinator.url);
});

test("another name is another start, and the count of answers goes on", async () => {
  const program = await open();
  await online(program);
  const answer = coordinator.ask("POST", "/api/chat", "{}");
  await status(program, (now) => now.running === 1);
  for (const end of slow) end();
  await answer;
  await status(program, (now) => now.answered === 1);
  await program.perform({ type: "configure", settings: { name: "other" } });
  await coordinator.journal.find((event) =>
    event.type === "hello" && event.hello.machine_name === "other" ? true : undefined,
  );
  expect((await online(program)).answered).toBe(1);
});

test("nobody typed the code: it waits until somebody asks again", async () => {
  coordinator.pairing = "rejected";
  coordinator.pollAfterMs = 500;
  const program = await open({ joinToken: undefined });
  const turned = await status(program, ({ connection }) => connection.state === "not_paired");
  expect(turned.connection).toMatchObject({ why: "rejected" });
  coordinator.pairing = "approved";
  expect(await program.perform({ type: "pair" })).toEqual({ ok: true });
  const shown = await status(program, ({ connection }) => connection.state === "pairing");
  expect(shown.connection).toMatchObject({
    code: "XKCD-4821",
    dashboard_url: `${coordinator.url}/dashboard`,
  });
  await online(program);
  expect(await program.perform({ type: "pair" })).toMatchObject({ ok: false });
});

test("logged out it has forgotten who it was, and can ask to be let in again", async () => {
  const program = await open();
  await online(program);
  expect(await program.perform({ type: "logout" })).toEqual({ ok: true });
  const out = await status(program, ({ connection }) => connection.state === "stopped");
  expect(out.connection).toMatchObject({ message: expect.stringContaining("logged out") });
  await expect(readFile(join(stateDir, "identity.json"))).rejects.toThrow("ENOENT");
  await program.perform({ type: "pair" });
  await online(program);
});

test("where nobody attends, what a person must act on ends it", async () => {
  coordinator.register = (_request, response) => void response.writeHead(401).end();
  await open({ attended: false });
  expect(await running[0]?.ended).toMatchObject({ type: "fatal" });
});

test("a damaged settings file is named, and nothing is begun", async () => {
  const program = await open();
  await program.perform({ type: "configure", settings: { language: "ja" } });
  await writeFile(join(stateDir, "settings.json"), '{"language":"xx"}');
  await expect(open()).rejects.toThrow(/settings\.json: "language"/);
});

test("however often it was logged out, nothing looks at Ollama any more once it has ended", async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const program = await open({ given: {} });
  await status(program, ({ ollama }) => ollama.state === "ok");
  for (let n = 0; n < 5; n++) await program.perform({ type: "logout" });
  await program.stop({ graceMs: 0 });
  await running.splice(0)[0]?.ended;
  await expect.poll(timers).toBeLessThanOrEqual(before);
});
