import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import type { SettingsView } from "../../shared/api/settings.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Asked, ask } from "../support/ask.ts";
import { DIALECTS, JSON_ANSWER, NDJSON, OPENAI, type TestDialect } from "../support/dialects.ts";
import { besideOthers, onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeJoinToken, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

/** What agents say is written down at most this long after they said it, ms; a crash before that forgets it. */
const SAVED_AFTER_MS = 1_000;

/** What `fetch` has already made sure of. */
const ANSWERED = { status: 200, headers: {}, bytes: Buffer.alloc(0), end: "complete" } as const;

async function killed(host: TestHost): Promise<void> {
  for (const pid of host.pids()) process.kill(pid, "SIGKILL");
  await host.restart();
}

onBothHosts("a coordinator that is killed and started again", (startHost, name) => {
  let host: TestHost;
  let key: string;
  let ollama: StandInOllama;
  let agents: AgentProcess[] = [];

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
    ollama = await startStandIn({ models: ["m"], tokens: 10, tokenDelayMs: 20 });
  });
  afterAll(async () => {
    await ollama.close();
    await host.stop();
  });
  afterEach(async () => {
    for (const agent of agents) await agent.dispose();
    agents = [];
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
  });

  const send = (by = key): Asked =>
    ask({ url: host.url, key: by, path: NDJSON.path, body: NDJSON.body("m") });

  async function start(agentName: string, coordinatorUrl = host.url): Promise<void> {
    agents.push(await startAgent(host, { name: agentName, ollamaUrl: ollama.url, coordinatorUrl }));
    await routable(host, agentName);
    // From here on a crash may not forget it: what is waited for is the promise, not luck.
    const since = performance.now();
    await until("its state is written down", () => performance.now() - since > SAVED_AFTER_MS + 200);
  }

  test("its agents are back within 5 s, with their ids, and take work", async () => {
    await Promise.all([start("a"), start("b")]);
    const before = (await listAgents(host)).map(({ id, name: of }) => [id, of]);
    await killed(host);
    const upAt = performance.now();
    await routable(host, "a", "b");
    const seconds = (performance.now() - upAt) / 1_000;
    console.log(`${name}: agents were back ${seconds.toFixed(2)} s after the coordinator`);
    // The wait before a dial is at most 5 s; the rest is the dial itself on a busy machine.
    expect(seconds).toBeLessThan(6.5);
    expect((await listAgents(host)).map(({ id, name: of }) => [id, of])).toEqual(before);
    expect(NDJSON.verdict(await send().answer)).toEqual({ kind: "whole" });
  });

  test("a request that comes before its agent is back waits for it and is answered", async () => {
    const proxy = await startTcpProxy(host.url);
    try {
      await start("lone", proxy.url);
      proxy.block();
      await killed(host);
      const [view] = await listAgents(host);
      expect(view).toMatchObject({ routable: false, not_routable_reason: "coming_back" });
      const asked = send();
      await until("it waits for the agent", async () => (await listAgents(host))[0]?.queued_requests === 1);
      proxy.unblock();
      const answer = await asked.answer;
      expect(answer.status).toBe(200);
      expect(NDJSON.verdict(answer)).toEqual({ kind: "whole" });
      expect(Number(answer.headers["x-coordinator-queue-ms"])).toBeGreaterThan(0);
    } finally {
      await proxy.close();
    }
  });

  test("keys, settings, join tokens and agents are what they were", async () => {
    await start("kept");
    const [agent] = await listAgents(host);
    await admin(host, "PATCH", `/api/agents/${agent?.id}`, { note: "under the desk", max_concurrency: 3 });
    await admin(host, "POST", `/api/agents/${agent?.id}/drain`);
    await admin(host, "PUT", "/api/admin/settings", { strategy: "least-loaded", queue: { max_length: 7 } });
    await makeJoinToken(host, 5);
    const revoked = await makeKey(host);
    await admin(host, "DELETE", `/api/admin/keys/${revoked.id}`);
    const state = async () => ({
      agents: (await listAgents(host)).map(({ id, note, max_concurrency, draining, models }) => {
        return { id, note, max_concurrency, draining, models };
      }),
      keys: (await admin<{ items: { id: string }[] }>(host, "GET", "/api/admin/keys")).items.map(
        ({ id }) => id,
      ),
      joinTokens: await admin<{ items: unknown[] }>(host, "GET", "/api/admin/join-tokens"),
      settings: await admin<SettingsView>(host, "GET", "/api/admin/settings"),
    });
    const before = await state();
    expect(before.agents).toMatchObject([{ draining: true, note: "under the desk", max_concurrency: 3 }]);
    expect(before.settings).toMatchObject({ strategy: "least-loaded", queue: { max_length: 7 } });
    await killed(host);
    expect(await state()).toEqual(before);
    const refused = ask({ url: host.url, key: revoked.key, path: NDJSON.path, body: NDJSON.body("m") });
    expect((await refused.answer).status).toBe(401);
    await admin(host, "PUT", "/api/admin/settings", { strategy: "round-robin", queue: { max_length: 100 } });
  });

  test("a request whose end its client saw more than a second before the kill is in the history", async () => {
    await start("a");
    const answers = await Promise.all([send().answer, send().answer, send().answer]);
    const endedAt = performance.now();
    await until("the second that the promise allows is over", () => performance.now() - endedAt > 1_000);
    await killed(host);
    for (const { headers } of answers) {
      const row = await admin<RequestView>(host, "GET", `/api/admin/requests/${headers["x-request-id"]}`);
      expect(row).toMatchObject({ status: 200, error_code: null, completion_tokens: 10 });
    }
  });

  test("what a key has used of its minute more than a second before the kill still counts", async () => {
    await start("a");
    const limited = await makeKey(host, { rpm: 5 });
    const chat = async (): Promise<number> => (await send(limited.key).answer).status;
    expect(await Promise.all(Array.from({ length: 5 }, chat))).toEqual(Array(5).fill(200));
    const endedAt = performance.now();
    await until("the second that the promise allows is over", () => performance.now() - endedAt > 1_000);
    await killed(host);
    expect(await chat()).toBe(429);
  });
});

besideOthers("a coordinator object that is reset, on workerd", () => {
  let host: Awaited<ReturnType<typeof startWorkerdHost>>;
  let key: string;
  let ollama: StandInOllama;
  let agent: AgentProcess;

  beforeAll(async () => {
    host = await startWorkerdHost();
    ({ key } = await makeKey(host));
    ollama = await startStandIn({ models: ["m"], tokens: 40, tokenDelayMs: 50 });
    agent = await startAgent(host, {
      name: "lone",
      ollamaUrl: ollama.url,
      flags: ["--max-concurrency", "4", "--allow-manage"],
    });
    await routable(host, "lone");
    const since = performance.now();
    await until("its state is written down", () => performance.now() - since > SAVED_AFTER_MS + 200);
  });
  afterAll(async () => {
    await agent.dispose();
    await ollama.close();
    await host.stop();
  });

  const send = (dialect: TestDialect): Asked =>
    ask({ url: host.url, key, path: dialect.path, body: dialect.body("m") });

  test("every client in mid-stream gets an error in its dialect, and none a clean end", async () => {
    // A single answer that has begun, which it otherwise does only with its last byte.
    ollama.misbehave(
      {
        kind: "raw",
        headers: { "content-type": JSON_ANSWER.contentType },
        chunks: ['{"model":"m",', { delayMs: 5_000 }, '"done":true}'],
      },
      { path: JSON_ANSWER.path },
    );
    const asked = DIALECTS.map((dialect) => ({ dialect, asked: send(dialect) }));
    await Promise.all(asked.map((each) => each.asked.received(1)));
    await host.reset();
    for (const each of asked) {
      const answer = await each.asked.answer;
      const { name, verdict } = each.dialect;
      expect([name, answer.status, verdict(answer).kind, answer.end]).toEqual([
        name,
        200,
        "error",
        each.dialect === JSON_ANSWER ? "reset" : "complete",
      ]);
    }
    await until("Ollama has been told that nobody waits", () => ollama.inFlight() === 0);
  });

  test("requests without a byte, at Ollama and in the queue, are answered after it; one that has heard of its place gets an error", async () => {
    const asked = Array.from({ length: 8 }, () => send(JSON_ANSWER));
    await until("four run and four wait", async () => {
      const [view] = await listAgents(host);
      return view?.active_requests === 4 && view.queued_requests === 4;
    });
    const headers = { "x-coordinator-queue-events": "1" };
    const telling = ask({ url: host.url, key, path: OPENAI.path, body: OPENAI.body("m"), headers });
    await telling.received(1);
    await host.reset();
    expect(OPENAI.verdict(await telling.answer)).toEqual({ kind: "error", code: "agent_lost" });
    for (const each of asked) {
      const answer = await each.answer;
      expect([answer.status, JSON_ANSWER.verdict(answer).kind]).toEqual([200, "whole"]);
    }
  });

  test("a request that changes a machine is not sent a second time", async () => {
    ollama.misbehave({ kind: "never" }, { path: "/api/pull" });
    const asked = ask({ url: host.url, key, path: "/api/pull", body: { model: "new" } });
    await ollama.waitFor(({ url }) => url === "/api/pull");
    await host.reset();
    const answer = await asked.answer;
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "agent_lost" });
    await routable(host, "lone");
    expect(ollama.seen.filter(({ url }) => url === "/api/pull")).toHaveLength(1);
  });
});

besideOthers("a coordinator that is asked to stop, on node", () => {
  test("lets running answers end, takes nothing new, exits with 0, and its agents come back to the next one", async ({
    onTestFinished,
  }) => {
    const host = await startNodeHost();
    onTestFinished(() => host.stop());
    const { key } = await makeKey(host);
    const ollama = await startStandIn({ models: ["m"], tokens: 40, tokenDelayMs: 50 });
    onTestFinished(() => ollama.close());
    const agent = await startAgent(host, {
      name: "lone",
      ollamaUrl: ollama.url,
      flags: ["--max-concurrency", "4"],
    });
    onTestFinished(() => agent.dispose());
    await routable(host, "lone");
    const send = (dialect: TestDialect): Asked =>
      ask({ url: host.url, key, path: dialect.path, body: dialect.body("m") });
    const running = DIALECTS.map((dialect) => ({ dialect, asked: send(dialect) }));
    await until("all four run", () => ollama.inFlight() === 4);
    await running[0]?.asked.received(1);
    const exit = host.terminate();
    await until("it takes no connection any more", async () => (await send(NDJSON).answer).status === 0);
    for (const { dialect, asked } of running) {
      expect([dialect.name, dialect.verdict(await asked.answer).kind]).toEqual([dialect.name, "whole"]);
    }
    expect(await exit).toBe(0);
    await host.restart();
    await routable(host, "lone");
    expect(NDJSON.verdict(await send(NDJSON).answer)).toEqual({ kind: "whole" });
  });

  test("does not serve busy clients on for the sake of the connections that they keep", async ({
    onTestFinished,
  }) => {
    const host = await startNodeHost();
    onTestFinished(() => host.stop());
    const { key } = await makeKey(host);
    const ollama = await startStandIn({ models: ["m"], tokens: 10, tokenDelayMs: 30 });
    onTestFinished(() => ollama.close());
    const agent = await startAgent(host, { name: "lone", ollamaUrl: ollama.url });
    onTestFinished(() => agent.dispose());
    await routable(host, "lone");
    // Without end: each asks again on the connection of its last answer, as the official clients do.
    const statuses: number[] = [];
    const client = async (): Promise<void> => {
      for (;;) {
        const response = await fetch(host.url + NDJSON.path, {
          method: "POST",
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify(NDJSON.body("m")),
        });
        statuses.push(response.status);
        expect(NDJSON.verdict({ ...ANSWERED, text: await response.text() }).kind).not.toBe("silent");
      }
    };
    const ended = Promise.allSettled([client(), client()]);
    await until("both have asked again", () => statuses.length > 4);
    const asked = (): number => ollama.seen.filter(({ method }) => method === "POST").length;
    const before = asked();
    expect(await host.terminate()).toBe(0);
    // Refused or not let in; nobody was cut.
    for (const end of await ended) expect(end).toMatchObject({ reason: { message: "fetch failed" } });
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    // What was in the line may still have its turn.
    expect(asked() - before).toBeLessThanOrEqual(2);
  });
});
