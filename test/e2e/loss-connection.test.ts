import { createHash, randomBytes } from "node:crypto";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Asked, ask } from "../support/ask.ts";
import { ANTHROPIC, DIALECTS, JSON_ANSWER, NDJSON, OPENAI, type TestDialect } from "../support/dialects.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const MIB = 1024 * 1024;

onBothHosts("an agent's connection that is lost", (startHost) => {
  let host: TestHost;
  let key: string;
  let ollama: StandInOllama;
  let proxy: TcpProxy;
  let agent: AgentProcess;

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
  });
  afterAll(async () => {
    await host.stop();
  });
  // An agent of its own for each: how long it waits before it dials depends on how often it had to.
  beforeEach(async () => {
    ollama = await startStandIn({ models: ["m"], tokens: 60, tokenDelayMs: 40 });
    proxy = await startTcpProxy(host.url);
    agent = await startAgent(host, {
      name: "lone",
      ollamaUrl: ollama.url,
      coordinatorUrl: proxy.url,
      flags: ["--max-concurrency", "16", "--allow-manage"],
    });
    await routable(host, "lone");
  });
  afterEach(async () => {
    await agent.dispose();
    await proxy.close();
    await ollama.close();
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
  });

  const send = (dialect: TestDialect): Asked =>
    ask({ url: host.url, key, path: dialect.path, body: dialect.body("m") });
  const posts = (): number => ollama.seen.filter(({ method }) => method === "POST").length;

  test("streams go on byte for byte when it is cut twice, whatever their dialect", async () => {
    const streams = [NDJSON, OPENAI, ANTHROPIC].map((dialect) => {
      const chunks = Array.from({ length: 60 }, (_, at) => `{"line":${at},"of":"${dialect.name} é日"}\n`);
      ollama.misbehave(
        {
          kind: "raw",
          headers: { "content-type": dialect.contentType },
          chunks: chunks.flatMap((chunk) => [chunk, { delayMs: 40 }]),
        },
        { path: dialect.path },
      );
      return { asked: send(dialect), sent: chunks.join("") };
    });
    for (const part of [0.2, 0.6]) {
      await Promise.all(streams.map(({ asked, sent }) => asked.received(Buffer.byteLength(sent) * part)));
      proxy.cut();
    }
    for (const { asked, sent } of streams) {
      const answer = await asked.answer;
      expect(answer.end).toBe("complete");
      expect(answer.text).toBe(sent);
      expect(answer.headers["x-coordinator-attempts"]).toBe("1");
    }
    expect(posts()).toBe(3);
  });

  test("a large answer is byte for byte what Ollama sent when it is cut three times on the way up", async () => {
    const piece = 64 * 1024;
    const sent = randomBytes(12 * MIB);
    const chunks = Array.from({ length: sent.length / piece }, (_, at) =>
      sent.subarray(at * piece, (at + 1) * piece),
    );
    ollama.misbehave({ kind: "raw", headers: { "content-type": NDJSON.contentType }, chunks });
    const asked = send(NDJSON);
    for (let cuts = 0; cuts < 3; cuts++) await proxy.cutAfter("up", 3 * MIB);
    const answer = await asked.answer;
    expect(answer.end).toBe("complete");
    expect(answer.bytes.equals(sent)).toBe(true);
    expect(posts()).toBe(1);
  });

  test("a large upload is byte for byte what the client sent when it is cut three times on the way down", async () => {
    const body = randomBytes(12 * MIB);
    const digest = createHash("sha256").update(body).digest("hex");
    const { answer } = ask({ url: host.url, key, path: `/api/blobs/sha256:${digest}`, body });
    for (let cuts = 0; cuts < 3; cuts++) await proxy.cutAfter("down", 3 * MIB);
    // The stand-in hashes what it gets and answers 400 for any other byte.
    expect(await answer).toMatchObject({ status: 201, end: "complete" });
    expect(ollama.seen.filter(({ method }) => method === "POST")).toMatchObject([{ bodyBytes: body.length }]);
  });

  test("a lone agent's blip of two seconds fails nothing: neither what runs nor what comes meanwhile", async () => {
    const running = DIALECTS.map((dialect) => ({ dialect, asked: send(dialect) }));
    await Promise.all(
      running.filter(({ dialect }) => dialect !== JSON_ANSWER).map(({ asked }) => asked.received(1)),
    );
    await ollama.waitFor(({ url }) => url === JSON_ANSWER.path);
    proxy.block();
    const blip = after(2_000);
    await until("the coordinator has noticed", async () => {
      return (await listAgents(host)).some((view) => view.not_routable_reason === "coming_back");
    });
    const meanwhile = DIALECTS.map((dialect) => ({ dialect, asked: send(dialect) }));
    await blip;
    proxy.unblock();
    for (const { dialect, asked } of [...running, ...meanwhile]) {
      const answer = await asked.answer;
      expect([dialect.name, answer.status, dialect.verdict(answer)]).toEqual([
        dialect.name,
        200,
        { kind: "whole" },
      ]);
    }
    // Nothing was run twice.
    expect(posts()).toBe(8);
  });
});
