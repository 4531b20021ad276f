import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentView } from "../../shared/api/agents.ts";
import type { StrategyName } from "../../shared/api/settings.ts";
import { type Answer, type Asked, ask } from "../support/ask.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { onBothHosts } from "../support/hosts/both-hosts.ts";
import { admin, listAgents, until } from "../support/hosts/host.ts";

/** The three that are alike. */
const EQUALS = ["a", "b", "c"];
const EQUAL_MODELS = ["spread", "talk", "drained", "fragile"];
const LOAD_MS = 700;

const agentOf = (answer: Answer): string => String(answer.headers["x-coordinator-agent"]);
const reasonOf = (answer: Answer): string => String(answer.headers["x-coordinator-reason"]);

/** How many of these answers each machine gave, the smallest number first. */
function shares(answers: Answer[]): number[] {
  return [...Map.groupBy(answers, agentOf).values()].map(({ length }) => length).sort((a, b) => a - b);
}

onBothHosts("the right machine is chosen", (startHost) => {
  let fleet: Fleet;
  let prompts = 0;

  beforeAll(async () => {
    const slots = ["--max-concurrency", "4"];
    fleet = await startFleet(
      startHost,
      { name: "a", ollama: { models: [...EQUAL_MODELS, "calm", "warm"] }, flags: slots, cpuPercent: 10 },
      { name: "b", ollama: { models: [...EQUAL_MODELS, "only-b"] }, flags: slots, cpuPercent: 10 },
      { name: "c", ollama: { models: EQUAL_MODELS }, flags: slots, cpuPercent: 10 },
      { name: "strained", ollama: { models: ["calm"] }, flags: slots, cpuPercent: 90 },
      {
        name: "slow-to-load",
        ollama: { models: ["warm", "other"], loadDelayMs: LOAD_MS },
        flags: slots,
        cpuPercent: 10,
      },
    );
  });
  afterAll(() => fleet.stop());

  const strategy = (name: StrategyName): Promise<unknown> =>
    admin(fleet.host, "PUT", "/api/admin/settings", { strategy: name });

  const agentNamed = (name: string): Promise<AgentView> =>
    until(`there is an agent ${name}`, async () =>
      (await listAgents(fleet.host)).find((agent) => agent.name === name),
    );

  function chat(model: string, messages: object[], headers: Record<string, string> = {}): Asked {
    const { host, key } = fleet;
    return ask({ url: host.url, key, path: "/api/chat", body: { model, messages, stream: false }, headers });
  }

  /** A conversation's first question, like no other before it. */
  function question(model: string, headers?: Record<string, string>): Asked {
    return chat(model, [{ role: "user", content: `question ${++prompts}` }], headers);
  }

  async function consecutive(count: number, model: string): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let number = 0; number < count; number++) answers.push(await question(model).answer);
    return answers;
  }

  /** Waits until the coordinator has heard that a machine has a model in memory. */
  const knownAsLoaded = (model: string, ...names: string[]): Promise<unknown> =>
    until(`${model} is loaded on ${names.join(", ")}`, async () =>
      (await listAgents(fleet.host)).every(
        ({ name, loaded }) => !names.includes(name) || loaded.some((each) => each.name === `${model}:latest`),
      ),
    );

  test("weighted: of fourteen questions machines of weight 4, 2 and 1 get eight, four and two", async () => {
    const weigh = async (...weights: number[]): Promise<void> => {
      for (const [at, name] of EQUALS.entries()) {
        const { id } = await agentNamed(name);
        await admin(fleet.host, "PATCH", `/api/agents/${id}`, { weight: weights[at] });
      }
    };
    await strategy("weighted");
    await weigh(4, 2, 1);
    const answers = await consecutive(14, "spread");
    await weigh(1, 1, 1);
    const counts = Map.groupBy(answers, agentOf);
    expect(EQUALS.map((name) => counts.get(name)?.length)).toEqual([8, 4, 2]);
    expect(new Set(answers.map(reasonOf))).toEqual(new Set(["weighted"]));
  });

  test.each<StrategyName>(["auto", "round-robin", "least-loaded"])(
    "%s: of nine different questions three machines get three each, of ten 3, 3 and 4, of thirty ten each",
    async (name) => {
      await strategy(name);
      for (const [count, expected] of [
        [9, [3, 3, 3]],
        [10, [3, 3, 4]],
        [30, [10, 10, 10]],
      ] as const) {
        const answers = await consecutive(count, "spread");
        expect(answers.every(({ status }) => status === 200)).toBe(true);
        expect(shares(answers)).toEqual(expected);
      }
    },
  );

  test("a machine that reports 90 % CPU gets nothing while a calm one is free, and the answer says so", async () => {
    await strategy("auto");
    await until("both have told", async () => {
      const [calm, strained] = [await agentNamed("a"), await agentNamed("strained")];
      return calm.cpu_usage === 10 && strained.cpu_usage === 90;
    });
    const answers = await consecutive(4, "calm");
    expect(answers.map((answer) => [agentOf(answer), reasonOf(answer)])).toEqual(
      Array(4).fill(["a", "not-strained"]),
    );
    const pinned = await question("calm", { "x-agent": "strained" }).answer;
    expect([agentOf(pinned), pinned.status]).toEqual(["strained", 200]);
  });

  test("a machine that has the model in memory is used before one that is known to take long to load", async () => {
    // How fast it loads is learnt from any of its models.
    expect((await question("other").answer).status).toBe(200);
    await question("warm", { "x-agent": "a" }).answer;
    await knownAsLoaded("warm", "a");
    const answers = await consecutive(4, "warm");
    expect(answers.map((answer) => [agentOf(answer), reasonOf(answer)])).toEqual(
      Array(4).fill(["a", "loaded"]),
    );
    expect(fleet.machine("slow-to-load").ollama.loaded()).toEqual(["other:latest"]);
  });

  test("a conversation goes back to the machine that has it in its cache, and others go elsewhere", async () => {
    const opening = { role: "user", content: "once upon a time ".repeat(100) };
    const first = await chat("talk", [opening]).answer;
    const home = agentOf(first);
    await knownAsLoaded("talk", home);
    const turns = [opening, { role: "assistant", content: "and then?" }];
    for (let turn = 0; turn < 3; turn++) {
      const others = await consecutive(2, "talk");
      expect(others.map(reasonOf)).not.toContain("sticky");
      turns.push({ role: "user", content: `turn ${turn}` });
      const answer = await chat("talk", turns).answer;
      expect([agentOf(answer), reasonOf(answer)]).toEqual([home, "sticky"]);
      turns.push({ role: "assistant", content: `after turn ${turn}` });
    }
  });

  test("a machine that is drained ends what runs and gets nothing new, until it is resumed", async () => {
    const { id } = await agentNamed("a");
    const { ollama } = fleet.machine("a");
    const gate = Promise.withResolvers<void>();
    ollama.misbehave({
      kind: "raw",
      chunks: ['{"begun":true}\n', { until: gate.promise }, '{"done":true}\n'],
    });
    const running = question("drained", { "x-agent": "a" });
    await running.received(1);
    await admin(fleet.host, "POST", `/api/agents/${id}/drain`);
    expect(await agentNamed("a")).toMatchObject({ draining: true, routable: false, active_requests: 1 });
    const answers = await consecutive(4, "drained");
    expect(shares(answers)).toEqual([2, 2]);
    expect(answers.map(agentOf)).not.toContain("a");
    gate.resolve();
    const answer = await running.answer;
    expect([answer.end, answer.text]).toEqual(["complete", '{"begun":true}\n{"done":true}\n']);
    await admin(fleet.host, "POST", `/api/agents/${id}/resume`);
    const after = await consecutive(3, "drained");
    expect(shares(after)).toEqual([1, 1, 1]);
  });

  describe("a model that fails on one machine", () => {
    test("gets no work there after five failures in a row, which is shown, and its other models do", async () => {
      const { ollama } = fleet.machine("b");
      // No more than these: a sixth would succeed, and nobody may try.
      ollama.misbehave(
        { kind: "status", status: 500, body: '{"error":"llama runner process has terminated"}' },
        { times: 5 },
      );
      const failed: Answer[] = [];
      await until("it has failed five times", async () => {
        const answer = await question("fragile").answer;
        if (answer.status === 500) failed.push(answer);
        return failed.length === 5;
      });
      expect(new Set(failed.map(agentOf))).toEqual(new Set(["b"]));
      const [breaker] = (await agentNamed("b")).breakers;
      expect(breaker).toMatchObject({ model: "fragile:latest", state: "open", failures: 5 });
      const answers = await consecutive(6, "fragile");
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      expect(shares(answers)).toEqual([3, 3]);
      expect(answers.map(agentOf)).not.toContain("b");
      const other = await question("only-b").answer;
      expect([agentOf(other), other.status]).toEqual(["b", 200]);
    });
  });
});
