import { describe, expect, test } from "vitest";
import { routable, startAgent } from "../support/agent-process.ts";
import { ask } from "../support/ask.ts";
import { openDashboard } from "../support/dashboard.ts";
import { JSON_ANSWER, NDJSON, type TestDialect } from "../support/dialects.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { startNodeHost } from "../support/hosts/node-host.ts";
import { startWorkerdHost } from "../support/hosts/workerd-host.ts";
import { startStandIn } from "../support/ollama/stand-in.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";

/** A silence takes as long as it takes: both hosts wait for theirs at the same time. */
const TIMEOUT_MS = 120_000;

async function agentNamed(host: TestHost, name: string) {
  const viewed = (await listAgents(host)).find((agent) => agent.name === name);
  if (viewed === undefined) throw new Error(`no agent ${name}`);
  return viewed;
}

describe.concurrent.each([
  ["node", startNodeHost],
  ["workerd", startWorkerdHost],
] as const)("an agent that falls silent, on %s", (name, startHost) => {
  test("one that is stopped gets nothing after 30 s, what it had is answered elsewhere or ends with an error, and it comes back", {
    timeout: TIMEOUT_MS,
  }, async ({ onTestFinished }) => {
    const host = await startHost();
    onTestFinished(() => host.stop());
    const { key } = await makeKey(host);
    await admin(host, "PUT", "/api/admin/settings", { resume_window_s: 2 });
    const machine = async (of: string) => {
      const ollama = await startStandIn({ models: ["m"], tokens: 30, tokenDelayMs: 50 });
      onTestFinished(() => ollama.close());
      const agent = await startAgent(host, {
        name: of,
        ollamaUrl: ollama.url,
        flags: ["--max-concurrency", "4"],
      });
      onTestFinished(() => agent.dispose());
      return { ollama, agent };
    };
    const [frozen] = await Promise.all([machine("frozen"), machine("other")]);
    await routable(host, "frozen", "other");
    const send = (dialect: TestDialect, headers: Record<string, string> = {}) =>
      ask({ url: host.url, key, path: dialect.path, body: dialect.body("m"), headers });

    const other = await agentNamed(host, "other");
    // An answer that is at no end when its machine is stopped, however long the steps before that take.
    frozen.ollama.misbehave({
      kind: "raw",
      headers: { "content-type": NDJSON.contentType },
      chunks: ['{"line":1}\n', { delayMs: TIMEOUT_MS }],
    });
    const streaming = send(NDJSON, { "x-agent": "frozen" });
    await streaming.received(1);
    await admin(host, "POST", `/api/agents/${other.id}/drain`);
    const unanswered = send(JSON_ANSWER);
    await frozen.ollama.waitFor(({ url }) => url === JSON_ANSWER.path);
    const page = await openDashboard(host);
    onTestFinished(() => page.leave());
    frozen.agent.signal("SIGSTOP");
    const stoppedAt = performance.now();
    await admin(host, "POST", `/api/agents/${other.id}/resume`);

    await until(
      "it is offline",
      async () => (await agentNamed(host, "frozen")).status === "offline",
      TIMEOUT_MS,
    );
    // Whoever watches is told by itself.
    await page.shows("it is offline", ({ agents }) =>
      agents.some((agent) => agent.name === "frozen" && agent.status === "offline"),
    );
    const seconds = (performance.now() - stoppedAt) / 1_000;
    console.log(`${name}: a stopped agent was offline after ${seconds.toFixed(1)} s`);
    expect(seconds).toBeLessThan(30);
    const later = await Promise.all(Array.from({ length: 4 }, () => send(NDJSON).answer));
    expect(later.map(({ headers }) => headers["x-coordinator-agent"])).toEqual(Array(4).fill("other"));
    const moved = await unanswered.answer;
    expect(JSON_ANSWER.verdict(moved)).toEqual({ kind: "whole" });
    expect(moved.headers["x-coordinator-agent"]).toBe("other");
    expect(NDJSON.verdict(await streaming.answer)).toEqual({ kind: "error", code: "agent_lost" });

    frozen.agent.signal("SIGCONT");
    await routable(host, "frozen");
    const back = await send(NDJSON, { "x-agent": "frozen" }).answer;
    expect(NDJSON.verdict(back)).toEqual({ kind: "whole" });
  });

  test("streams of a connection that went dead without a word go on byte for byte over the next one", {
    timeout: TIMEOUT_MS,
  }, async ({ onTestFinished }) => {
    const host = await startHost();
    onTestFinished(() => host.stop());
    const { key } = await makeKey(host);
    const ollama = await startStandIn({ models: ["m"] });
    onTestFinished(() => ollama.close());
    const proxy = await startTcpProxy(host.url);
    onTestFinished(() => proxy.close());
    const agent = await startAgent(host, {
      name: "lone",
      ollamaUrl: ollama.url,
      coordinatorUrl: proxy.url,
    });
    onTestFinished(() => agent.dispose());
    await routable(host, "lone");
    const lines = Array.from({ length: 100 }, (_, at) => `{"line":${at}}\n`);
    ollama.misbehave({
      kind: "raw",
      headers: { "content-type": NDJSON.contentType },
      chunks: lines.flatMap((line) => [line, { delayMs: 100 }]),
    });
    const streaming = ask({ url: host.url, key, path: NDJSON.path, body: NDJSON.body("m") });
    await streaming.received(50);
    proxy.freeze();
    const waiting = ask({ url: host.url, key, path: JSON_ANSWER.path, body: JSON_ANSWER.body("m") });
    const answer = await streaming.answer;
    expect(answer).toMatchObject({ status: 200, end: "complete", text: lines.join("") });
    expect(JSON_ANSWER.verdict(await waiting.answer)).toEqual({ kind: "whole" });
    expect(ollama.seen.filter(({ method }) => method === "POST")).toHaveLength(2);
  });
});
