import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../core/clock.ts";
import { ControlServer } from "../program/control/control-server.ts";
import { Bench } from "../testing/agent-bench.ts";
import { FakeProgram } from "../testing/fake-program.ts";

vi.setConfig({ testTimeout: 20_000 });
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const NODE = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));

let bench: Bench;
const children: ChildProcess[] = [];
beforeEach(async () => {
  bench = await Bench.open((request, response) => {
    request.resume();
    response.write("part");
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await bench.close();
});

interface Program {
  child: ChildProcess;
  ended: Promise<{ code: number | null; out: string; err: string }>;
}

function program(argv: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.platform === "win32" ? process.execPath : NODE, [MAIN, ...argv], {
    env: {
      PATH: process.env.PATH ?? "",
      AGENT_STATE_DIR: bench.stateDir,
      OLLAMA_URL: bench.ollama.url,
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.push(child);
  let out = "";
  let err = "";
  child.stdout.on("data", (bytes) => {
    out += bytes;
  });
  child.stderr.on("data", (bytes) => {
    err += bytes;
  });
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err }))) };
}

const joined = () => ({ COORDINATOR_URL: bench.coordinator.url, JOIN_TOKEN: "join-secret" });

test("help and version are answers, not errors", async () => {
  const help = await program(["--help"]).ended;
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toContain("--coordinator-url URL");
  expect(await program(["--version"]).ended).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+/),
  });
});

test("bad usage is one line on standard error and exit code 2", async () => {
  expect(await program(["--nope"]).ended).toMatchObject({
    code: 2,
    out: "",
    err: expect.stringMatching(/^agent: unknown flag "--nope".*\n$/),
  });
  expect(await program([]).ended).toEqual({
    code: 2,
    out: "",
    err: "agent: no coordinator URL: give one with --coordinator-url URL or COORDINATOR_URL\n",
  });
});

test("without a token the code and where to type it are shown; turned away is one line and exit code 3", async () => {
  bench.coordinator.pairing = "rejected";
  bench.coordinator.pollAfterMs = 500;
  const { code, out, err } = await program([], { COORDINATOR_URL: bench.coordinator.url }).ended;
  expect(out).toContain(
    `pairing code XKCD-4821: type it at ${bench.coordinator.url}/dashboard to let this machine in`,
  );
  expect(out).not.toContain("pairing-secret-1");
  expect({ code, err }).toEqual({
    code: 3,
    err: expect.stringMatching(/^agent: this machine was not let in at \S+: [^\n]+\n$/),
  });
});

test("an agent comes online, tells so in a line, hides its tokens, and a signal ends it in order", async () => {
  const { child, ended } = program([], joined());
  await bench.coordinator.online();
  child.kill("SIGTERM");
  const { code, out, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const line of ["registered", "stopping, 0 running", "stopped"])
    expect(out).toContain(`"msg":"${line}`);
  expect(out).not.toMatch(/join-secret|agent-token-1/);
  await bench.coordinator.journal.find((event) =>
    event.type === "closed" && event.code === 1001 ? true : undefined,
  );
});

test("a second signal stops at once, in the middle of work", async () => {
  const { child, ended } = program([], joined());
  await bench.coordinator.online();
  void bench.coordinator.ask("POST", "/api/chat", "{}");
  await bench.coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
  child.kill("SIGINT");
  await bench.coordinator.journal.find((event) =>
    event.type === "state" && event.state.stopping === true ? true : undefined,
  );
  // One that follows at once counts as the same: it is sent until it is a second one.
  const again = setInterval(() => child.kill("SIGINT"), 100);
  expect((await ended).code).toBe(130);
  clearInterval(again);
});

test("a child ends in order when its parent's end of standard input closes", async () => {
  const { child, ended } = program([], { ...joined(), AGENT_EXIT_WITH_PARENT: "1" });
  await bench.coordinator.online();
  child.stdin?.end();
  expect((await ended).code).toBe(0);
});

test("what a person must act on is one line on standard error and exit code 3", async () => {
  bench.coordinator.register = (_request, response) =>
    void response
      .writeHead(401, { "content-type": "application/json" })
      .end('{"error":"join token is used up","code":"unauthorized"}');
  expect(await program([], joined()).ended).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^agent: the join token was refused \(HTTP 401: join token is used up\).*\n$/),
  });
});

test("status says who the agent is and whom it reaches, logout makes it nobody", async () => {
  const { agent, outcome } = await bench.online();
  await agent.stop({ graceMs: 0 });
  await outcome;
  bench.coordinator.register = (request, response) =>
    void response.writeHead(request.url === "/healthz" ? 200 : 404).end('{"status":"ok"}');
  const status = await program(["status", "--json"]).ended;
  expect(status.code).toBe(0);
  expect(JSON.parse(status.out)).toMatchObject({
    running: false,
    registered: true,
    coordinator_url: bench.coordinator.url,
    name: "bench",
    coordinator: { reachable: true, error: null },
    ollama: { reachable: true, version: "0.33.0" },
  });
  expect(status.out).not.toContain("agent-token-1");
  expect(await program(["logout"]).ended).toMatchObject({ code: 0 });
  const after = await program(["status"]).ended;
  expect(after.code).toBe(1);
  expect(after.out).toContain("not registered");
});

test("with an agent that runs, status, pause, resume, ollama and logout are its to answer", async () => {
  const api = new FakeProgram({ name: "workshop" });
  const server = new ControlServer({ stateDir: bench.stateDir, api, clock: systemClock });
  await server.start();
  try {
    const [once, json] = await Promise.all([program(["status"]).ended, program(["status", "--json"]).ended]);
    expect(once).toMatchObject({ code: 0, out: expect.stringContaining("sharing      yes"), err: "" });
    expect(once.out).not.toContain("\u001b");
    expect(JSON.parse(json.out)).toMatchObject({
      running: true,
      registered: true,
      agent_id: "a1",
      coordinator: { reachable: true, error: null },
      ollama: { reachable: true, version: "0.32.1" },
      agent: { name: "workshop", pid: 4711 },
    });
    const [paused, resumed, out, refused] = await Promise.all([
      program(["pause", "--for", "1h"]).ended,
      program(["resume"]).ended,
      program(["logout"]).ended,
      program(["ollama", "update"]).ended,
    ]);
    expect(paused).toMatchObject({ code: 0, out: expect.stringMatching(/^paused until .*\d\d:\d\d\n$/) });
    expect(resumed).toEqual({ code: 0, out: "sharing again\n", err: "" });
    expect(out).toEqual({ code: 0, out: "logged out\n", err: "" });
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/^agent: .* give --yes\n$/) });
    expect(api.asked.entries.map(({ type }) => type).sort()).toEqual(["logout", "pause", "resume"]);
  } finally {
    await server.stop();
  }
});

test("without an agent that runs, what needs one says how to start it", async () => {
  expect(await program(["pause"]).ended).toEqual({
    code: 1,
    out: "",
    err: `agent: no agent runs with state directory ${bench.stateDir}: start it with \`agent run\`\n`,
  });
});
