import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { DIALECTS, JSON_ANSWER, NDJSON, type TestDialect } from "../support/dialects.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";

const CLIENTS = 16;
/** Shorter than the default, since a program that was killed never comes back for its streams. */
const RESUME_WINDOW_S = 3;

interface Machine {
  ollama: StandInOllama;
  agent: AgentProcess;
}

onBothHosts("an agent that is lost", (startHost) => {
  let host: TestHost;
  let key: string;
  let machines: Machine[] = [];

  beforeAll(async () => {
    host = await startHost();
    ({ key } = await makeKey(host));
    await admin(host, "PUT", "/api/admin/settings", { resume_window_s: RESUME_WINDOW_S });
  });
  afterAll(async () => {
    await host.stop();
  });
  afterEach(async () => {
    for (const { agent, ollama } of machines) {
      await agent.dispose();
      await ollama.close();
    }
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
    machines = [];
  });

  async function machinesNamed(...names: string[]): Promise<Machine[]> {
    machines = await Promise.all(
      names.map(async (name) => {
        const ollama = await startStandIn({ models: ["m"], tokens: 40, tokenDelayMs: 25 });
        const flags = ["--max-concurrency", "4"];
        return { ollama, agent: await startAgent(host, { name, ollamaUrl: ollama.url, flags }) };
      }),
    );
    await routable(host, ...names);
    return machines;
  }

  const send = (dialect: TestDialect, headers: Record<string, string> = {}): Asked =>
    ask({ url: host.url, key, path: dialect.path, body: dialect.body("m"), headers });

  test("kill -9 of one agent of four under 16 clients fails nothing that had no byte, and cuts nothing silently", async () => {
    const [victim] = await machinesNamed("a", "b", "c", "d");
    if (victim === undefined) throw new Error("four machines");
    const answers: { dialect: TestDialect; answer: Answer; begunAfterKill: boolean }[] = [];
    let killed = false;
    let enough = false;
    const client = async (number: number): Promise<void> => {
      // Sixteen on sixteen slots stay where they were put first, in turns of four: each machine is to see all dialects.
      for (let turn = number + Math.floor(number / 4); !enough; turn++) {
        const dialect = DIALECTS[turn % DIALECTS.length] ?? NDJSON;
        const begunAfterKill = killed;
        answers.push({ dialect, begunAfterKill, answer: await send(dialect).answer });
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, number) => client(number));
    // Both kinds at once: one that has shown bytes for a while, and one that shows none before its end.
    const started = (path: string, ms: number): boolean =>
      victim.ollama.seen.some(
        (seen) =>
          seen.url === path &&
          seen.state === "running" &&
          performance.now() - seen.startedAt > ms &&
          performance.now() - seen.startedAt < 700,
      );
    await until("the victim streams one answer and prepares another", () => {
      return started(NDJSON.path, 300) && started(JSON_ANSWER.path, 100);
    });
    killed = true;
    await victim.agent.end("SIGKILL");
    await until("every client has had answers that it asked for afterwards", () => {
      return answers.filter((answer) => answer.begunAfterKill).length >= 2 * CLIENTS;
    });
    enough = true;
    await Promise.all(clients);

    const seen = answers.map(({ dialect, answer }) => ({
      dialect: dialect.name,
      agent: answer.headers["x-coordinator-agent"],
      attempts: answer.headers["x-coordinator-attempts"],
      status: answer.status,
      bytes: answer.bytes.length,
      verdict: dialect.verdict(answer).kind,
    }));
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(seen.filter(({ verdict }) => verdict === "silent")).toEqual([]);
    const failed = seen.filter(({ verdict }) => verdict === "error");
    expect(failed.length).toBeGreaterThan(0);
    // Four slots: no more than four answers can have been under way there.
    expect(failed.length).toBeLessThanOrEqual(4);
    for (const failure of failed) {
      expect(failure.agent).toBe("a");
      expect(failure.bytes).toBeGreaterThan(0);
    }
    expect(seen.some(({ attempts, verdict }) => attempts === "2" && verdict === "whole")).toBe(true);
  });

  test("an agent killed and started again has its old id, takes work, and what it was answering ends with an error", async () => {
    const [machine] = await machinesNamed("phoenix");
    if (machine === undefined) throw new Error("one machine");
    const before = await listAgents(host);
    const running = send(NDJSON);
    await running.received(1);
    await machine.agent.end("SIGKILL");
    machine.agent.start();
    const waiting = send(NDJSON);
    expect(NDJSON.verdict(await running.answer)).toEqual({ kind: "error", code: "agent_lost" });
    expect(NDJSON.verdict(await waiting.answer)).toEqual({ kind: "whole" });
    await routable(host, "phoenix");
    expect((await listAgents(host)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test("an agent that is asked to stop ends what runs, gets nothing new, and exits with 0", async () => {
    const [leaving, staying] = await machinesNamed("leaving", "staying");
    if (leaving === undefined || staying === undefined) throw new Error("two machines");
    const running = DIALECTS.map((dialect) => send(dialect, { "x-agent": "leaving" }));
    await until("all four run there", () => leaving.ollama.inFlight() === 4);
    await running[0]?.received(1);
    const exit = leaving.agent.end("SIGTERM");
    const later = await Promise.all(Array.from({ length: 6 }, () => send(NDJSON).answer));
    const ended = await Promise.all(running.map((asked) => asked.answer));

    expect(later.map((answer) => NDJSON.verdict(answer).kind)).toEqual(Array(6).fill("whole"));
    expect(ended.map((answer, at) => DIALECTS[at]?.verdict(answer).kind)).toEqual(Array(4).fill("whole"));
    expect(await exit).toBe(0);
    await until("it is shown as offline", async () => {
      return (await listAgents(host)).some(({ name, status }) => name === "leaving" && status === "offline");
    });
    expect(NDJSON.verdict(await send(NDJSON).answer).kind).toBe("whole");
    // What reached it in the moment of the signal was refused and went elsewhere.
    expect(leaving.ollama.seen.filter(({ method }) => method === "POST")).toHaveLength(4);
  });
});
