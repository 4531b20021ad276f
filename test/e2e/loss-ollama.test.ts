import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RequestView } from "../../shared/api/requests.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Asked, ask } from "../support/ask.ts";
import { DIALECTS, JSON_ANSWER, NDJSON, STREAMS, type TestDialect } from "../support/dialects.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";

interface Machine {
  ollama: StandInOllama;
  agent: AgentProcess;
}

onBothHosts("an Ollama that fails", (startHost) => {
  let host: TestHost;
  let key: string;
  let machines: Machine[] = [];

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
  });
  afterAll(async () => {
    await host.stop();
  });
  afterEach(async () => {
    for (const { agent, ollama } of machines) {
      await agent.dispose();
      await ollama.close();
    }
    machines = [];
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
  });

  async function machine(name: string): Promise<Machine> {
    const ollama = await startStandIn({ models: ["m"], tokens: 40, tokenDelayMs: 50 });
    const flags = ["--max-concurrency", "8"];
    const made = { ollama, agent: await startAgent(host, { name, ollamaUrl: ollama.url, flags }) };
    machines.push(made);
    await routable(host, name);
    return made;
  }

  const send = (dialect: TestDialect, headers: Record<string, string> = {}): Asked =>
    ask({ url: host.url, key, path: dialect.path, body: dialect.body("m"), headers });
  const notRoutable = (name: string, reason: string): Promise<true> =>
    until(`${name} is ${reason}`, async () =>
      (await listAgents(host)).some(
        (agent) => agent.name === name && !agent.routable && agent.not_routable_reason === reason,
      ),
    );

  test("one that refuses: another machine answers, and it gets work again when it is back", async () => {
    // At the same time: its agent has just looked at it, and is not to look again before the requests come.
    const [dead] = await Promise.all([machine("dead"), machine("alive")]);
    const listen = await dead.ollama.refuse();
    const answers = await Promise.all(
      [...DIALECTS, ...DIALECTS].map(async (dialect) => ({ dialect, answer: await send(dialect).answer })),
    );
    for (const { dialect, answer } of answers) {
      expect([dialect.name, answer.status, dialect.verdict(answer)]).toEqual([
        dialect.name,
        200,
        { kind: "whole" },
      ]);
      expect(answer.headers["x-coordinator-agent"]).toBe("alive");
    }
    expect(answers.some(({ answer }) => answer.headers["x-coordinator-attempts"] === "2")).toBe(true);
    await notRoutable("dead", "ollama_absent");
    await listen();
    await routable(host, "dead");
    const back = await send(NDJSON, { "x-agent": "dead" }).answer;
    expect(NDJSON.verdict(back)).toEqual({ kind: "whole" });
  });

  test("the only one, refusing: 502 ollama_unreachable, for the client and in the history", async () => {
    const { ollama } = await machine("lone");
    await ollama.refuse();
    const answer = await send(NDJSON).answer;
    expect([answer.status, answer.headers["x-coordinator-error"]]).toEqual([502, "ollama_unreachable"]);
    const row = await until("it is in the history", () =>
      admin<RequestView>(host, "GET", `/api/admin/requests/${answer.headers["x-request-id"]}`).catch(
        () => undefined,
      ),
    );
    expect(row).toMatchObject({ status: 502, error_code: "ollama_unreachable" });
  });

  test("the only one, closing its connection before a byte every time: 502 ollama_unreachable in every dialect", async () => {
    const { ollama } = await machine("lone");
    ollama.misbehave({ kind: "crash" }, { times: Number.POSITIVE_INFINITY });
    for (const dialect of DIALECTS) {
      const answer = await send(dialect).answer;
      expect([dialect.name, answer.status, answer.headers["x-coordinator-error"]]).toEqual([
        dialect.name,
        502,
        "ollama_unreachable",
      ]);
      expect(JSON.parse(answer.text)).toHaveProperty("error");
    }
    // Three attempts each.
    expect(ollama.seen.filter(({ method }) => method === "POST")).toHaveLength(3 * DIALECTS.length);
  });

  test("one that closes its connection before a byte: another machine answers", async () => {
    const [crashing] = await Promise.all([machine("crashing"), machine("alive")]);
    crashing.ollama.misbehave({ kind: "crash" }, { times: Number.POSITIVE_INFINITY });
    const answers = await Promise.all(Array.from({ length: 4 }, () => send(JSON_ANSWER).answer));
    for (const answer of answers) expect(JSON_ANSWER.verdict(answer)).toEqual({ kind: "whole" });
    expect(answers.some(({ headers }) => headers["x-coordinator-attempts"] === "2")).toBe(true);
  });

  test("one that cuts its answer short: what it sent, then ollama_cut in the client's dialect", async () => {
    const { ollama } = await machine("lone");
    for (const dialect of STREAMS) {
      const line = '{"a":"line of an answer"}\n';
      // In the middle of a line, which has to end before anything else can be said.
      const sent = `${line}${line}{"a":"li`;
      ollama.misbehave({ kind: "cut", afterBytes: Buffer.byteLength(sent) }, { path: dialect.path });
      const answer = await send(dialect).answer;
      const code = dialect.name.startsWith("Anthropic") ? undefined : "ollama_cut";
      expect([dialect.name, answer.status, dialect.verdict(answer)]).toEqual([
        dialect.name,
        200,
        { kind: "error", code },
      ]);
      expect(answer.text.slice(Buffer.byteLength(sent))).toMatch(/^\n+[{de]/);
    }
    ollama.misbehave({ kind: "cut", afterBytes: 40 }, { path: JSON_ANSWER.path });
    // How much of it still leaves is the platform's affair: what counts is that it does not look complete.
    expect((await send(JSON_ANSWER).answer).end).toBe("reset");
  });

  test("one that hangs gets nothing new, says why, comes back, and what it was answering goes on", async () => {
    const hanging = await machine("hanging");
    const running = send(NDJSON);
    await running.received(1);
    const release = hanging.ollama.hang();
    await notRoutable("hanging", "ollama_hung");
    const alone = await send(NDJSON).answer;
    expect([alone.status, alone.headers["x-coordinator-error"]]).toEqual([503, "model_offline"]);
    expect(Number(alone.headers["retry-after"])).toBeGreaterThan(0);
    await machine("alive");
    const elsewhere = await Promise.all(Array.from({ length: 3 }, () => send(NDJSON).answer));
    expect(elsewhere.map(({ headers }) => headers["x-coordinator-agent"])).toEqual(Array(3).fill("alive"));
    release();
    await routable(host, "hanging");
    expect(NDJSON.verdict(await running.answer)).toEqual({ kind: "whole" });
    const back = await send(NDJSON, { "x-agent": "hanging" }).answer;
    expect(NDJSON.verdict(back)).toEqual({ kind: "whole" });
  });
});
