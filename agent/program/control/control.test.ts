import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../core/clock.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { FakeProgram } from "../../testing/fake-program.ts";
import { Journal } from "../../testing/journal.ts";
import type { AgentStatus } from "../status.ts";
import { ControlClient } from "./control-client.ts";
import { controlPlace, controlSurroundings } from "./control-path.ts";
import { ControlServer } from "./control-server.ts";

let parent: string;
let stateDir: string;
const opened: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "control-"));
  stateDir = join(parent, "state");
});
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.stop();
  await rm(parent, { recursive: true, force: true });
});

async function server(api = new FakeProgram(), clock = new FakeClock()) {
  const made = new ControlServer({ stateDir, api, clock });
  await made.start();
  opened.push(made);
  return made;
}

async function client(): Promise<ControlClient> {
  const made = await ControlClient.connect(stateDir, systemClock);
  opened.push({ stop: () => made.close() });
  return made;
}

const path = () => controlPlace(stateDir, controlSurroundings()).path;

/** What an agent that was killed leaves behind. */
async function deadSocket(): Promise<void> {
  const serving = await server();
  await rename(path(), `${path()}.kept`);
  await serving.stop();
  await rename(`${path()}.kept`, path());
}

/** A client that says what it likes; what it hears, line by line. */
async function rawClient(): Promise<{ socket: Socket; heard: Journal<string>; closed: Promise<void> }> {
  const socket = connect(path());
  opened.push({ stop: async () => void socket.destroy() });
  const heard = new Journal<string>();
  socket.on("data", (bytes) => {
    for (const line of String(bytes).trim().split("\n")) heard.push(line);
  });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await heard.find((line) => line);
  return { socket, heard, closed };
}

test("a client sees status, settings and log as they are, and what it asks for is done", async () => {
  const api = new FakeProgram({ name: "workshop" });
  api.answer = (command) => (command.type === "pair" ? { ok: false, error: "paired already" } : { ok: true });
  await server(api);
  const there = await client();
  expect(await there.status()).toEqual(api.status());
  expect(await there.settings()).toEqual(api.settings());
  expect(await there.recentLog()).toEqual(api.recentLog());
  expect(await there.perform({ type: "pause", until: null })).toEqual({ ok: true });
  expect(await there.perform({ type: "pair" })).toEqual({ ok: false, error: "paired already" });
  expect(api.asked.entries).toEqual([{ type: "pause", until: null }, { type: "pair" }]);
});

test("who watches sees each change until it looks away, and hears once when the agent ends", async () => {
  const api = new FakeProgram();
  const serving = await server(api);
  const there = await client();
  const seen = new Journal<AgentStatus>();
  const end = there.watch(seen.push, () => {});
  await seen.find((status) => (status.running === 0 ? true : undefined));
  api.change({ running: 3 });
  await seen.find((status) => (status.running === 3 ? true : undefined));
  end();
  await there.status();
  expect(api.watchers).toBe(0);

  const lost = vi.fn();
  const second = new Journal<AgentStatus>();
  there.watch(second.push, lost);
  await second.find((status) => status);
  await serving.stop();
  await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(1));
  await expect(there.status()).rejects.toThrow("the agent has closed the connection");
  expect(api.watchers).toBe(0);
});

test("a command that fails in the agent fails at the client, with its reason", async () => {
  const api = new FakeProgram();
  api.answer = () => Promise.reject(new Error("disk on fire"));
  await server(api);
  await expect((await client()).perform({ type: "resume" })).rejects.toThrow("resume failed: disk on fire");
});

test("without an agent there is one line that says how to start it", async () => {
  await expect(ControlClient.connect(stateDir, systemClock)).rejects.toMatchObject({
    kind: "absent",
    message: `no agent runs with state directory ${stateDir}: start it with \`agent run\``,
  });
});

test("a second agent with the same state directory is refused by pid, and the first one goes on", async () => {
  await server();
  const second = new ControlServer({ stateDir, api: new FakeProgram(), clock: systemClock });
  await expect(second.start()).rejects.toMatchObject({
    kind: "busy",
    message: expect.stringContaining(`another agent (pid ${process.pid}) runs with this state directory`),
  });
  expect(await (await client()).status()).toMatchObject({ name: "workshop" });
});

test.skipIf(process.platform === "win32")(
  "of many agents that start at once after a dead one, exactly one has the directory",
  async () => {
    await deadSocket();
    const all = Array.from(
      { length: 5 },
      () => new ControlServer({ stateDir, api: new FakeProgram(), clock: systemClock }),
    );
    opened.push(...all);
    const ends = await Promise.allSettled(all.map((one) => one.start()));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await (await client()).status()).toMatchObject({ name: "workshop" });
  },
);

test("a directory that a stopped agent had is free again, with nothing left that listens", async () => {
  await (await server()).stop();
  await expect(stat(path())).rejects.toThrow("ENOENT");
  await server();
  expect(await (await client()).status()).toMatchObject({ name: "workshop" });
});

test.skipIf(process.platform === "win32")("socket, key and directory are for their user only", async () => {
  await server();
  const mode = async (file: string) => (await stat(file)).mode & 0o777;
  expect(await mode(path())).toBe(0o600);
  expect(await mode(join(stateDir, "control.key"))).toBe(0o600);
  expect(await mode(stateDir)).toBe(0o700);
});

test("without the key nothing is answered, and the key is never said", async () => {
  const api = new FakeProgram();
  await server(api);
  const { socket, heard, closed } = await rawClient();
  socket.write(
    `${JSON.stringify({ nonce: "0".repeat(32), proof: "0".repeat(64) })}\n{"id":1,"type":"status"}\n`,
  );
  await closed;
  expect(heard.entries).toHaveLength(2);
  expect(heard.entries[1]).toContain("the control key is not this agent's");
  expect(heard.entries.join()).not.toContain((await readFile(join(stateDir, "control.key"), "utf8")).trim());
});

test("who only pretends to be the agent is told nothing", async () => {
  await (await server()).stop();
  const heard: string[] = [];
  const impostor: Server = createServer((socket) => {
    socket.write(`${JSON.stringify({ protocol: 1, pid: 1, nonce: "0".repeat(32) })}\n`);
    socket.once("data", () => {
      socket.write(`${JSON.stringify({ proof: "0".repeat(64) })}\n`);
      socket.on("data", (bytes) => heard.push(String(bytes)));
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => impostor.listen(path(), resolve));
  opened.push({ stop: () => new Promise((resolve) => impostor.close(() => resolve())) });
  await expect(ControlClient.connect(stateDir, systemClock)).rejects.toThrow("is not this user's agent");
  expect(heard).toEqual([]);
});

test.each([
  ["says nothing", (_socket: Socket) => {}, 5_000, "no proof came in time"],
  ["says too much", (socket: Socket) => void socket.write("x".repeat(70_000)), 0, "a line is longer than"],
])("a client that %s is sent away", async (_what, act, ms, why) => {
  const clock = new FakeClock();
  await server(new FakeProgram(), clock);
  const { socket, heard, closed } = await rawClient();
  act(socket);
  clock.advance(ms);
  await closed;
  expect(heard.entries[1]).toContain(why);
});

test("a request that nobody knows ends the connection with the field that is wrong", async () => {
  await server();
  const there = await client();
  // Past the types: what another program may send.
  const odd = { type: "pause", until: "soon" } as const;
  await expect(there.perform(odd)).rejects.toThrow(/does not know: command\.until: Invalid/);
});

test("a client that asks for more at once than anyone can watch is refused that, and no more", async () => {
  const api = new FakeProgram();
  let finish = (): void => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  api.answer = async () => {
    await gate;
    return { ok: true };
  };
  const clock = new FakeClock();
  await server(api, clock);
  const there = await client();
  const running = Array.from({ length: 16 }, () => there.perform({ type: "resume" }));
  await expect(there.perform({ type: "resume" })).rejects.toThrow("more than 16 commands at once");
  // Who waits for an answer is not idle.
  clock.advance(60_000);
  finish();
  expect(await Promise.all(running)).toHaveLength(16);
});

test("an agent that hangs has its directory all the same", async () => {
  await (await server()).stop();
  const hung = createServer((socket) => void socket.on("error", () => {}));
  await new Promise<void>((resolve) => hung.listen(path(), resolve));
  const clock = new FakeClock();
  const second = new ControlServer({ stateDir, api: new FakeProgram(), clock });
  const refused = expect(second.start()).rejects.toThrow("another agent (which does not answer) runs");
  await clock.timer(3_000);
  clock.advance(3_000);
  await refused;
  await new Promise((resolve) => hung.close(resolve));
});

test("a client that is idle is dropped, and one that watches is not", async () => {
  const clock = new FakeClock();
  const api = new FakeProgram();
  await server(api, clock);
  const [idle, watching] = [await client(), await client()];
  const seen = new Journal<AgentStatus>();
  const lost = vi.fn();
  watching.watch(seen.push, lost);
  await seen.find((status) => status);
  await idle.status();
  clock.advance(60_000);
  await expect(idle.status()).rejects.toThrow("the agent has closed the connection");
  api.change({ running: 7 });
  await seen.find((status) => (status.running === 7 ? true : undefined));
  expect(lost).not.toHaveBeenCalled();
});

test("more clients than a person has windows are refused in a line", async () => {
  await server();
  await Promise.all(Array.from({ length: 32 }, () => rawClient()));
  await expect(ControlClient.connect(stateDir, systemClock)).rejects.toThrow("more than 32 clients at once");
});

test("a watcher that does not read gets the newest status when it does, and costs no memory meanwhile", async () => {
  const api = new FakeProgram();
  await server(api);
  const there = await client();
  const seen = new Journal<AgentStatus>();
  there.watch(seen.push, () => {});
  await seen.find((status) => status);
  const big = "n".repeat(100_000);
  for (let running = 1; running <= 200; running++) api.change({ running, name: big });
  await seen.find((status) => (status.running === 200 ? true : undefined));
  expect(seen.entries.length).toBeLessThan(50);
});

test.skipIf(process.platform === "win32")(
  "a state directory with a long name has its socket elsewhere, and one agent from wherever it is asked",
  async () => {
    stateDir = join(parent, "deep".repeat(40));
    const runtime = join(parent, "runtime");
    await mkdir(runtime, { mode: 0o700 });
    const inSession = { ...controlSurroundings(), env: { XDG_RUNTIME_DIR: runtime } };
    const outside = { ...inSession, env: {}, tmp: parent };
    const api = new FakeProgram();
    const first = new ControlServer({ stateDir, api, clock: systemClock, surroundings: inSession });
    await first.start();
    opened.push(first);
    const there = await ControlClient.connect(stateDir, systemClock, outside);
    opened.push({ stop: () => there.close() });
    expect(await there.status()).toMatchObject({ name: "workshop" });
    const second = new ControlServer({ stateDir, api, clock: systemClock, surroundings: outside });
    await expect(second.start()).rejects.toThrow("another agent");
  },
);
