import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { AgentView } from "../../shared/api/agents.ts";
import { type AgentProcess, routable, startAgent } from "../support/agent-process.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { JSON_ANSWER, NDJSON, OPENAI, type TestDialect } from "../support/dialects.ts";
import { calmEnvironment } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, makeKey, type TestHost, until } from "../support/hosts/host.ts";
import { type StandInOllama, startStandIn } from "../support/ollama/stand-in.ts";

interface Machine {
  ollama: StandInOllama;
  agent: AgentProcess;
}

interface MachineOptions {
  models?: string[];
  slots?: number;
  /** How busy the machine says that it is. */
  cpuPercent?: number;
}

const agentOf = (answer: Answer): string => String(answer.headers["x-coordinator-agent"]);
const reasonOf = (answer: Answer): string => String(answer.headers["x-coordinator-reason"]);

/** How many of these answers each agent gave, the smallest number first. */
function shares(answers: Answer[]): number[] {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(agentOf(answer), (counts.get(agentOf(answer)) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => a - b);
}

onBothHosts("work is shared out", (startHost) => {
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
    for (const { id } of await listAgents(host)) await admin(host, "DELETE", `/api/agents/${id}`);
    machines = [];
  });

  async function machine(name: string, options: MachineOptions = {}): Promise<Machine> {
    const { models = ["m"], slots = 4, cpuPercent = 10 } = options;
    // It takes all that it is given: what is one at a time is so by the coordinator's doing.
    const ollama = await startStandIn({ models });
    const agent = await startAgent(host, {
      name,
      ollamaUrl: ollama.url,
      flags: ["--max-concurrency", String(slots)],
      env: calmEnvironment(cpuPercent),
    });
    const made = { ollama, agent };
    machines.push(made);
    return made;
  }

  const send = (dialect: TestDialect, model = "m", headers: Record<string, string> = {}): Asked =>
    ask({ url: host.url, key, path: dialect.path, body: dialect.body(model), headers });

  async function consecutive(count: number, model = "m"): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let number = 0; number < count; number++) {
      const dialect = [NDJSON, JSON_ANSWER, OPENAI][number % 3] ?? NDJSON;
      const answer = await send(dialect, model).answer;
      expect(dialect.verdict(answer)).toEqual({ kind: "whole" });
      answers.push(answer);
    }
    return answers;
  }

  /** A request that runs until it is told to end; resolves when it runs. */
  async function held(on: StandInOllama[], headers: Record<string, string> = {}) {
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const before = on.map((ollama) => ollama.inFlight());
    for (const ollama of on) ollama.misbehave({ kind: "raw", chunks: ["{}\n", { until: promise }] });
    const asked = send(NDJSON, "m", headers);
    await asked.received(1);
    const at = on.findIndex((ollama, index) => ollama.inFlight() > (before[index] ?? 0));
    return { asked, at, end };
  }

  const agentNamed = (name: string): Promise<AgentView> =>
    until(`there is an agent ${name}`, async () =>
      (await listAgents(host)).find((agent) => agent.name === name),
    );

  test("three agents get three of nine requests each, ten of thirty, and of ten nobody gets two more than another", async () => {
    await Promise.all(["a", "b", "c"].map((name) => machine(name)));
    await routable(host, "a", "b", "c");
    expect(shares(await consecutive(9))).toEqual([3, 3, 3]);
    expect(shares(await consecutive(30))).toEqual([10, 10, 10]);
    expect(shares(await consecutive(10))).toEqual([3, 3, 4]);
    // The stand-ins say the same: nothing was sent twice, or to another than the one that is named.
    const served = machines.map(({ ollama }) => ollama.seen.filter(({ method }) => method === "POST").length);
    expect(served.sort((a, b) => a - b)).toEqual([16, 16, 17]);
  });

  test("of twelve at once over three agents with two slots each, two run at each and never three", async () => {
    await Promise.all(["a", "b", "c"].map((name) => machine(name, { slots: 2 })));
    await routable(host, "a", "b", "c");
    const gate = Promise.withResolvers<void>();
    for (const { ollama } of machines) {
      ollama.misbehave({ kind: "raw", chunks: [{ until: gate.promise }, "{}\n"] }, { times: 2 });
    }
    const asked = Array.from({ length: 12 }, () => send(JSON_ANSWER));
    await until("all slots are taken and the others wait", async () =>
      (await listAgents(host)).every((agent) => agent.active_requests === 2 && agent.queued_requests === 6),
    );
    await until("they are at work", () => machines.every(({ ollama }) => ollama.inFlight() === 2));
    gate.resolve();
    const answers = await Promise.all(asked.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(machines.map(({ ollama }) => ollama.maxInFlight())).toEqual([2, 2, 2]);
  });

  test("a request goes only to agents that have its model, and those share it evenly", async () => {
    await Promise.all([
      machine("both-1", { models: ["m", "rare"] }),
      machine("both-2", { models: ["m", "rare"] }),
      machine("plain", { models: ["m"] }),
      machine("own", { models: ["own"] }),
    ]);
    await routable(host, "both-1", "both-2", "plain", "own");
    const asked: Record<"m" | "rare" | "own", Answer[]> = { m: [], rare: [], own: [] };
    for (let round = 0; round < 6; round++) {
      for (const model of ["m", "rare", "own"] as const) asked[model].push(...(await consecutive(1, model)));
    }
    expect(new Set(asked.rare.map(agentOf))).toEqual(new Set(["both-1", "both-2"]));
    expect(new Set(asked.m.map(agentOf))).not.toContain("own");
    expect(new Set(asked.own.map((answer) => `${agentOf(answer)}, ${reasonOf(answer)}`))).toEqual(
      new Set(["own, only-holder"]),
    );
    const plain = machines.find(({ agent }) => agent.name === "plain");
    expect(plain?.ollama.seen.filter(({ model }) => model !== undefined && model !== "m")).toEqual([]);

    expect(shares(await consecutive(6, "rare"))).toEqual([3, 3]);

    const unknown = await send(NDJSON, "nobody-has-this").answer;
    expect(unknown.status).toBe(404);
    const asking = machines.flatMap(({ ollama }) =>
      ollama.seen.filter(({ model }) => model === "nobody-has-this"),
    );
    expect(asking).toEqual([]);
  });

  test("show and the lists answer while the only slot is busy", async () => {
    const { ollama } = await machine("solo", { slots: 1 });
    await routable(host, "solo");
    const busy = await held([ollama]);
    const body = { model: "m" };
    const show = await ask({ url: host.url, key, path: "/api/show", body }).answer;
    expect(show.status).toBe(200);
    expect(JSON.parse(show.text)).toMatchObject({ details: {}, capabilities: expect.any(Array) });
    for (const path of ["/api/tags", "/api/ps", "/api/version", "/v1/models", "/v1/models/m"]) {
      const list = await ask({ url: host.url, key, path, method: "GET" }).answer;
      expect([path, list.status]).toEqual([path, 200]);
    }
    expect(await agentNamed("solo")).toMatchObject({ active_requests: 1, queued_requests: 0 });
    busy.end();
    expect((await busy.asked.answer).end).toBe("complete");
  });

  test("five slow requests at once for one agent with one slot are all answered, one after the other, in the order in which they came", async () => {
    const { ollama } = await machine("solo", { slots: 1 });
    await routable(host, "solo");
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    for (const [number, gate] of gates.entries()) {
      ollama.misbehave({
        kind: "raw",
        chunks: [`{"number":${number},`, { until: gate.promise }, '"done":true}\n'],
      });
    }
    const asked: Asked[] = [];
    for (let number = 0; number < 5; number++) {
      asked.push(
        ask({
          url: host.url,
          key,
          path: NDJSON.path,
          body: { ...NDJSON.body("m"), options: { number } },
        }),
      );
      await until("it runs or waits", async () => {
        const { active_requests, queued_requests } = await agentNamed("solo");
        return active_requests === 1 && queued_requests === number;
      });
    }
    for (const [number, gate] of gates.entries()) {
      await asked[number]?.received(1);
      const { active_requests, queued_requests } = await agentNamed("solo");
      expect([active_requests, queued_requests, ollama.inFlight()]).toEqual([1, 4 - number, 1]);
      gate.resolve();
    }
    const answers = await Promise.all(asked.map(({ answer }) => answer));
    expect(answers.map(({ status, text }) => ({ status, text }))).toEqual(
      gates.map((_, number) => ({ status: 200, text: `{"number":${number},"done":true}\n` })),
    );
    expect(ollama.maxInFlight()).toBe(1);
    const sent = ollama.seen.filter(({ method }) => method === "POST").map(({ body }) => body);
    expect(sent).toEqual(gates.map((_, number) => expect.objectContaining({ options: { number } })));
    const waited = answers.map(({ headers }) => Number(headers["x-coordinator-queue-ms"]));
    expect(waited.slice(1).every((ms) => ms > 0)).toBe(true);
    await until("the slot is free", async () => (await agentNamed("solo")).active_requests === 0);
  });

  test("five at once that take their time are all answered by the only slot", async () => {
    const { ollama } = await machine("solo", { slots: 1 });
    await routable(host, "solo");
    const body = { ...NDJSON.body("m"), options: { num_predict: 20, stand_in: { token_delay_ms: 25 } } };
    const asked = Array.from({ length: 5 }, () => ask({ url: host.url, key, path: NDJSON.path, body }));
    const answers = await Promise.all(asked.map(({ answer }) => answer));
    expect(answers.map((answer) => NDJSON.verdict(answer).kind)).toEqual(Array(5).fill("whole"));
    expect(ollama.maxInFlight()).toBe(1);
  });

  test("X-Agent pins to one agent, which is waited for when it is busy, and never replaced by another", async () => {
    const [pinned] = await Promise.all([
      machine("pinned", { slots: 1 }),
      machine("other", { models: ["m", "rare"] }),
    ]);
    await routable(host, "pinned", "other");
    const pin = { "x-agent": "pinned" };
    for (let number = 0; number < 5; number++) {
      const answer = await send(NDJSON, "m", pin).answer;
      expect([agentOf(answer), reasonOf(answer)]).toEqual(["pinned", "pinned"]);
    }
    const byId = await send(NDJSON, "m", { "x-agent": (await agentNamed("pinned")).id }).answer;
    expect(agentOf(byId)).toBe("pinned");

    const busy = await held([pinned.ollama], pin);
    const waiting = send(NDJSON, "m", pin);
    await until("it waits", async () => (await agentNamed("pinned")).queued_requests === 1);
    expect(agentOf(await send(NDJSON).answer)).toBe("other");
    busy.end();
    expect(agentOf(await waiting.answer)).toBe("pinned");

    const missing = await send(NDJSON, "rare", pin).answer;
    expect(missing.status).toBe(404);
    const nobody = await send(NDJSON, "m", { "x-agent": "nobody" }).answer;
    expect(nobody.status).toBe(400);
  });

  test("least-loaded gives each request to the agent with the fewest per slot, and a strained machine none while another is free", async ({
    onTestFinished,
  }) => {
    await admin(host, "PUT", "/api/admin/settings", { strategy: "least-loaded" });
    onTestFinished(async () => {
      await admin(host, "PUT", "/api/admin/settings", { strategy: "auto" });
    });
    await Promise.all([
      machine("small", { slots: 2 }),
      machine("large", { slots: 4 }),
      machine("strained", { slots: 4, cpuPercent: 95 }),
    ]);
    await routable(host, "small", "large", "strained");
    await until("its strain is known", async () => ((await agentNamed("strained")).cpu_usage ?? 0) > 80);
    await until("the others are calm", async () => {
      const agents = await listAgents(host);
      return agents.filter(({ cpu_usage }) => cpu_usage === 10).length === 2;
    });
    const names = machines.map(({ agent }) => agent.name);
    const ollamas = machines.map(({ ollama }) => ollama);
    const running: Awaited<ReturnType<typeof held>>[] = [];
    const load = async (): Promise<string> => {
      running.push(await held(ollamas));
      return names[running.at(-1)?.at ?? -1] ?? "nobody";
    };
    // 0/2 and 0/4 are equal, and so are later 1/2 and 2/4: between equals it is in turn.
    const first = new Set([await load(), await load()]);
    expect(first).toEqual(new Set(["small", "large"]));
    expect(await load()).toBe("large");
    const middle = [await load(), await load(), await load()].sort();
    expect(middle).toEqual(["large", "large", "small"]);
    expect(await load()).toBe("strained");
    for (const { end } of running) end();
    const answers = await Promise.all(running.map(({ asked }) => asked.answer));
    expect(answers.map(reasonOf)).toEqual(Array(7).fill("least-loaded"));
  });
});
