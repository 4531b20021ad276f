import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultStateDir } from "../program/state-dir.ts";
import { exitCodeFor } from "./exit-codes.ts";
import { readInvocation } from "./settings.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "settings-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function config(text: string): Promise<string> {
  const file = join(dir, "config.json");
  await writeFile(file, text);
  return file;
}

test("run is the default command, and flags and environment are read", async () => {
  const invocation = await readInvocation(["--coordinator-url", "https://c.example/x", "--allow-manage"], {
    JOIN_TOKEN: " j1\n",
    OLLAMA_URL: "http://127.0.0.1:11500",
    AGENT_STATE_DIR: "/s",
    OLLAMA_NUM_PARALLEL: "4",
  });
  expect(invocation).toMatchObject({
    ok: true,
    command: "run",
    settings: {
      coordinatorUrl: "https://c.example/x",
      joinToken: "j1",
      ollamaUrl: "http://127.0.0.1:11500",
      stateDir: "/s",
      allowManage: true,
      ollamaParallel: 4,
    },
  });
});

test.each([
  [["pause", "--for", "1h30m"], { command: "pause", settings: { for: 5_400_000 } }],
  [["pause", "--until", "18:00"], { command: "pause", settings: { until: "18:00" } }],
  [["status", "--json", "--once"], { command: "status", settings: { json: true, once: true } }],
  [
    ["ollama", "install", "--ollama-version", "v0.32.1", "-y"],
    { command: "ollama", action: "install", settings: { ollamaVersion: "0.32.1", yes: true } },
  ],
  [["ollama", "status", "--json"], { command: "ollama", action: "status" }],
  [
    ["service", "install", "--system", "--allow-cloud"],
    { action: "install", settings: { system: true, allowCloud: true } },
  ],
  [["--yes"], { command: "run", settings: { yes: true } }],
  [["ollama", "--help"], { command: "ollama", settings: { help: true } }],
])("%j is understood", async (argv, expected) => {
  expect(await readInvocation(argv, {})).toMatchObject({ ok: true, ...expected });
});

test("what the environment says goes with every command", async () => {
  const env = { AGENT_YES: "1", AGENT_ALLOW_CLOUD: "true", OLLAMA_DOWNLOAD_PROGRESS: "false" };
  expect(await readInvocation(["resume"], env)).toMatchObject({
    settings: { yes: true, allowCloud: true, downloadProgress: false },
  });
});

test("where a restart cannot help, a manager that restarts everything sees an end in order", () => {
  const env = { AGENT_RESTARTED_ON_FAILURE: "1" };
  expect([0, 1, 2, 3, 130].map((code) => exitCodeFor(code, env))).toEqual([0, 1, 0, 0, 130]);
  expect([0, 1, 2, 3, 130].map((code) => exitCodeFor(code, {}))).toEqual([0, 1, 2, 3, 130]);
});

test("a config file fills in what flags and environment leave out", async () => {
  const file = await config(
    '{"coordinator_url":"https://c.example","max_concurrency":3,"heartbeat_interval_secs":5,"auto_start":true}',
  );
  expect(await readInvocation(["status", "--config", file, "--max-concurrency=2"], {})).toMatchObject({
    ok: true,
    command: "status",
    settings: { coordinatorUrl: "https://c.example", maxConcurrency: 2, heartbeatSecs: 5, autoStart: true },
  });
});

test("Ollama's own variable never stops the agent", async () => {
  for (const odd of ["0", "auto", "-1"]) {
    expect(await readInvocation([], { OLLAMA_NUM_PARALLEL: odd })).toMatchObject({ ok: true });
  }
});

test.each([
  [["stop"], 'unknown command "stop"; allowed: run, status, pause, resume, logout, doctor, ollama, service'],
  [["status", "now"], 'unexpected argument "now"'],
  [["ollama"], "ollama: of what? allowed: ollama install, ollama update"],
  [
    ["ollama", "pull"],
    'unknown command "ollama pull"; allowed: ollama install, ollama update, ollama rollback',
  ],
  [
    ["ollama", "install", "--version", "0.32.1"],
    'unexpected argument "0.32.1"; allowed: flags, as --ollama-version',
  ],
  [["service", "start"], 'unknown command "service start"; allowed: service install, service uninstall'],
  [["run", "--for", "1h"], '--for does not go with "run"; allowed with: pause'],
  [
    ["ollama", "rollback", "--ollama-version", "0.32.1"],
    '--ollama-version does not go with "ollama rollback"',
  ],
  [["status", "--yes"], "--yes does not go with"],
  [["pause", "--for", "soon"], '--for: "soon" is not allowed; allowed: a duration as 90m'],
  [["pause", "--until", "25:00"], '--until: "25:00" is not allowed; allowed: a time as 18:00'],
  [["ollama", "install", "--ollama-version", "new"], '--ollama-version: "new" is not allowed'],
  [["run", "now"], 'unexpected argument "now"'],
  [
    ["--coordinator-url", "c.example"],
    '--coordinator-url: "c.example" is not allowed; allowed: an http(s) URL',
  ],
  [["--coordinator-url", "ws://c.example"], "--coordinator-url"],
  [["--coordinator-url", "https://me:pw@c.example"], 'https://***@c.example" is not allowed'],
  [["--ollama-url", "http://h/?q=1"], "--ollama-url"],
  [["--join-token", "a b"], "--join-token: the value given (not shown)"],
  [
    ["--max-concurrency", "0"],
    '--max-concurrency: "0" is not allowed; allowed: a whole number from 1 to 1024',
  ],
  [["--frobnicate"], 'unknown flag "--frobnicate"; allowed: --coordinator-url'],
  [["--config", "/no/such/file"], '--config: "/no/such/file" cannot be read (ENOENT); allowed: a JSON file'],
])("%j is one line that says what is allowed", async (argv, message) => {
  const invocation = await readInvocation(argv, {});
  expect(invocation.ok).toBe(false);
  const error = invocation.ok ? "" : invocation.error;
  expect(error).toContain(message);
  expect(error).not.toContain("\n");
});

test("a config file that is not JSON, or has a key of nobody, is refused by name", async () => {
  expect(await readInvocation(["--config", await config("{")], {})).toMatchObject({
    error: expect.stringContaining("is not JSON"),
  });
  expect(await readInvocation(["--config", await config('{"colour":1}')], {})).toMatchObject({
    error: expect.stringContaining('unknown key "colour"'),
  });
});

test("state is kept where the platform wants it", () => {
  expect(defaultStateDir("linux", {}, "/home/u")).toBe(
    join("/home/u", ".local", "state", "ollama-coordinator"),
  );
  expect(defaultStateDir("linux", { XDG_STATE_HOME: "/x" }, "/h")).toBe(join("/x", "ollama-coordinator"));
  expect(defaultStateDir("win32", { LOCALAPPDATA: "/l" }, "/h")).toBe(join("/l", "ollama-coordinator"));
});
