import { readFile, stat } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLOSE_CODES } from "../../shared/protocol/codes.ts";
import { Bench } from "../testing/agent-bench.ts";
import { connectProxy } from "../testing/connect-proxy.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { FakeCoordinator } from "../testing/fake-coordinator.ts";
import { proxyRoute } from "./proxy.ts";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open((request, response) => {
    request.resume();
    response.end('{"done":true}\n');
  });
});
afterEach(() => bench.close());

const retrying = (b: Bench) =>
  b.events.find((event) => (event.type === "retrying" ? event.reason : undefined));

test("an agent registers with its join token, dials with its agent token and says who it is", async () => {
  await bench.online({ maxConcurrency: 3, ollamaParallel: 2, allowManage: true });
  const upgrade = await bench.coordinator.journal.find((event) =>
    event.type === "upgrade" ? event : undefined,
  );
  expect(upgrade.headers).toMatchObject({
    authorization: "Bearer agent-token-1",
    "sec-websocket-protocol": "ollama-tunnel.v1",
  });
  expect(upgrade.headers["sec-websocket-extensions"]).toBeUndefined();
  expect(await bench.coordinator.online()).toMatchObject({
    version: { min: 1, max: 1 },
    machine_name: "bench",
    ip_address: "127.0.0.1",
    ollama_port: bench.ollama.port,
    max_concurrency: 3,
    allow_manage: true,
    streams: [],
    state: {
      ollama: "ok",
      ollama_version: "0.33.0",
      ollama_parallel: 2,
      models: [{ name: "tiny:latest" }],
      loaded: [],
      cpu_usage: 1,
      memory_usage: 2,
    },
  });
});

test("the second start needs no join token and does not register again", async () => {
  const first = await bench.online();
  await first.agent.stop({ graceMs: 0 });
  expect(await first.outcome).toEqual({ type: "stopped" });
  bench.events.entries.length = 0;
  await bench.online({ joinToken: undefined, coordinatorUrl: `${bench.coordinator.url}/` });
  expect(bench.coordinator.journal.entries.filter((event) => event.type === "registration")).toHaveLength(1);
});

test("another coordinator is another identity: there it asks to be let in", async () => {
  const first = await bench.online();
  await first.agent.stop({ graceMs: 0 });
  const other = await FakeCoordinator.start();
  const agent = bench.agent({ joinToken: undefined, coordinatorUrl: other.url });
  const outcome = agent.run();
  await bench.events.find((event) => (event.type === "pairing" ? true : undefined));
  await agent.stop({ graceMs: 0 });
  expect(await outcome).toEqual({ type: "stopped" });
  expect(JSON.parse(await readFile(`${bench.stateDir}/identity.json`, "utf8"))).toMatchObject({
    coordinator_url: bench.coordinator.url,
  });
  await other.stop();
});

test("the first start without a join token shows a code, and once let in it is online and needs none again", async () => {
  bench.coordinator.pairing = "approved";
  bench.coordinator.pollAfterMs = 500;
  const { agent, outcome } = await bench.online({ joinToken: undefined });
  expect(bench.events.entries.find((event) => event.type === "pairing")).toEqual({
    type: "pairing",
    code: "XKCD-4821",
    dashboardUrl: `${bench.coordinator.url}/dashboard`,
    expiresAt: "2026-01-31T12:10:00.000Z",
  });
  await agent.stop({ graceMs: 0 });
  expect(await outcome).toEqual({ type: "stopped" });
  bench.events.entries.length = 0;
  await bench.online({ joinToken: undefined });
  expect(bench.events.entries.some((event) => event.type === "pairing")).toBe(false);
});

test("a refused join token is the end, a coordinator that is busy is not", async () => {
  const { register } = bench.coordinator;
  bench.coordinator.register = (_request, response) => {
    bench.coordinator.register = register;
    response.writeHead(503).end();
  };
  const { agent, outcome } = await bench.online();
  expect(await retrying(bench)).toContain("HTTP 503");
  await agent.stop({ graceMs: 0 });
  await outcome;
  bench.coordinator.register = (_request, response) => void response.writeHead(401).end();
  const refused = bench.agent({ stateDir: `${bench.stateDir}-2` });
  expect(await refused.run()).toMatchObject({ type: "fatal", message: expect.stringContaining("HTTP 401") });
});

test("a lost socket is dialled again, with the reason told", async () => {
  await bench.online();
  bench.coordinator.cut();
  await bench.events.count((event) => event.type === "online", 2);
  expect(await retrying(bench)).toContain("closed the tunnel (connection lost");
});

test("an orderly close is dialled again too", async () => {
  for (const code of ["going_away", "disconnected", "silent", "hello_timeout"] as const) {
    bench.events.entries.length = 0;
    const { agent } = await bench.online();
    bench.coordinator.closeWith(CLOSE_CODES[code], "because");
    await bench.events.count((event) => event.type === "online", 2);
    expect(await retrying(bench)).toContain(`(${code}: because)`);
    await agent.stop({ graceMs: 0 });
  }
});

test("replaced by a newer process, an agent stops quietly and keeps its identity", async () => {
  const { outcome } = await bench.online();
  bench.coordinator.closeWith(CLOSE_CODES.replaced, "");
  expect(await outcome).toEqual({ type: "replaced" });
  expect((await stat(`${bench.stateDir}/identity.json`)).isFile()).toBe(true);
});

test("removed at the coordinator, an agent forgets its identity and stops", async () => {
  const { outcome } = await bench.online();
  bench.coordinator.closeWith(CLOSE_CODES.revoked, "");
  expect(await outcome).toMatchObject({ type: "fatal", message: expect.stringContaining("was removed") });
  await expect(readFile(`${bench.stateDir}/identity.json`)).rejects.toThrow("ENOENT");
});

test("a machine whose token another machine uses stops and keeps its identity", async () => {
  const { outcome } = await bench.online();
  bench.coordinator.closeWith(CLOSE_CODES.identity_conflict, "");
  expect(await outcome).toMatchObject({ type: "fatal", message: expect.stringContaining("--state-dir") });
  expect((await stat(`${bench.stateDir}/identity.json`)).isFile()).toBe(true);
});

test("only the coordinator's own 401 ends an agent: that of a proxy or a login page is tried again", async () => {
  bench.coordinator.refuseUpgrade = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
  const outcome = bench.agent({}, { random: () => 0.02 }).run();
  expect(await retrying(bench)).toContain("refused the tunnel (HTTP 401)");
  bench.coordinator.refuseUpgrade =
    "HTTP/1.1 401 No\r\nx-coordinator-error: unauthorized\r\nContent-Length: 0\r\n\r\n";
  expect(await outcome).toMatchObject({ type: "fatal" });
  await expect(readFile(`${bench.stateDir}/identity.json`)).rejects.toThrow("ENOENT");
});

test("a message that breaks a rule closes the socket with its reason, and the agent dials again", async () => {
  await bench.online();
  for (const broken of [Uint8Array.of(1, 2, 3), "hello"]) {
    const before = bench.events.entries.filter((event) => event.type === "online").length;
    bench.coordinator.sendRaw(broken);
    await bench.events.count((event) => event.type === "online", before + 1);
  }
  const closed = bench.coordinator.journal.entries.filter((event) => event.type === "closed");
  expect(closed).toMatchObject([
    { code: 4000, reason: "header cut after 3 bytes" },
    { code: 4000, reason: "text message of 5 bytes" },
  ]);
});

test("the tunnel goes through the proxy that the environment names", async () => {
  const proxy = await connectProxy();
  await bench.online({}, { proxy: await proxyRoute({ HTTP_PROXY: proxy.url }) });
  expect(proxy.asked[1]).toBe(`CONNECT ${new URL(bench.coordinator.url).host}`);
  bench.coordinator.cut();
  await proxy.close();
  expect(
    await bench.events.find((event) =>
      event.type === "retrying" && event.reason.includes("cannot use the proxy") ? event.reason : undefined,
    ),
  ).toContain(proxy.url);
});

test("a proxy that refuses to connect is named, not the coordinator behind it", async () => {
  const { agent, outcome } = await bench.online();
  await agent.stop({ graceMs: 0 });
  await outcome;
  const proxy = await connectProxy(403);
  void bench.agent({}, { proxy: await proxyRoute({ HTTP_PROXY: proxy.url }) }).run();
  expect(await retrying(bench)).toContain(`the proxy ${proxy.url} answered HTTP 403`);
  await proxy.close();
});

test("a coordinator below a path prefix is dialled there", async () => {
  const below = await FakeCoordinator.start("/team");
  await bench.online({ coordinatorUrl: `${below.url}/team/` });
  expect(below.journal.entries.find((event) => event.type === "upgrade")).toMatchObject({
    path: "/team/ws/agent",
  });
  await below.stop();
});

test("a coordinator that takes the socket and says nothing is given up after ten seconds", async () => {
  const clock = new FakeClock();
  bench.coordinator.mute = true;
  void bench.agent({}, { clock }).run();
  await bench.coordinator.online();
  clock.advance(10_000);
  expect(await retrying(bench)).toContain("no WELCOME within 10 s");
});

test("a coordinator that stops answering pings is given up after two of them", async () => {
  const clock = new FakeClock();
  bench.coordinator.answersPings = false;
  bench.coordinator.welcome = { heartbeat_ms: 7_777 };
  await bench.online({}, { clock });
  clock.advance(7_777 * 3);
  expect(await retrying(bench)).toContain("nothing heard for");
});

test("failed attempts wait longer and longer, and a good connection starts over", async () => {
  const clock = new FakeClock();
  await bench.online({}, { clock, random: () => 0.999_999 });
  clock.advance(10_001);
  bench.coordinator.refuseUpgrade = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";
  bench.coordinator.cut();
  for (const delay of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
    await clock.timer(delay);
    clock.advance(delay);
  }
  await clock.timer(5_000);
  bench.coordinator.refuseUpgrade = undefined;
  clock.advance(5_000);
  await bench.events.count((event) => event.type === "online", 2);
  clock.advance(10_001);
  bench.coordinator.cut();
  await clock.timer(500);
});

test("stopping says so, refuses new work, lets running work end and closes in order", async () => {
  const slow: (() => void)[] = [];
  await bench.close();
  bench = await Bench.open((request, response) => {
    request.resume();
    response.write("first\n");
    slow.push(() => response.end("last\n"));
  });
  const { agent, outcome } = await bench.online();
  const running = bench.coordinator.ask("POST", "/api/chat", "{}");
  await bench.coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
  void agent.stop({ graceMs: 10_000 });
  await bench.coordinator.journal.find((event) =>
    event.type === "state" && event.state.stopping === true ? true : undefined,
  );
  expect(await bench.coordinator.ask("POST", "/api/chat", "{}")).toMatchObject({ failed: "stopping" });
  for (const end of slow) end();
  expect((await running).body.toString()).toBe("first\nlast\n");
  expect(await outcome).toEqual({ type: "stopped" });
  expect(bench.coordinator.journal.entries.at(-1)).toEqual({
    type: "closed",
    code: 1001,
    reason: "stopping",
  });
});

test("work that outlasts the grace is given up, at Ollama too", async () => {
  await bench.close();
  let aborted: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  bench = await Bench.open((request, response) => {
    request.resume();
    response.write("first\n");
    response.on("close", aborted);
  });
  const clock = new FakeClock();
  const { agent, outcome } = await bench.online({}, { clock });
  void bench.coordinator.ask("POST", "/api/chat", "{}");
  await bench.coordinator.journal.find((event) => (event.type === "data" ? true : undefined));
  void agent.stop({ graceMs: 10_000 });
  clock.advance(10_000);
  await gone;
  expect(await outcome).toEqual({ type: "stopped" });
});

test("an agent that is stopped while it waits to dial again ends at once and leaves no timer", async () => {
  const clock = new FakeClock();
  const { agent, outcome } = await bench.online({}, { clock, random: () => 0.5 });
  bench.coordinator.cut();
  await retrying(bench);
  void agent.stop({ graceMs: 10_000 });
  expect(await outcome).toEqual({ type: "stopped" });
  expect(clock.pending).toEqual([]);
});
