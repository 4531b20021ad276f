import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalName } from "../../../shared/lib/model-name.ts";
import { Bench } from "../testing/bench.ts";
import type { FakeAgent } from "../testing/fake-agent.ts";
import { turn } from "../testing/turn.ts";

const NAMES = ["a", "b", "c", "d"];
const MODELS = ["m", "n"];

const agentName = fc.constantFrom(...NAMES);
const modelName = fc.constantFrom(...MODELS);

const step = fc.oneof(
  fc.record({
    do: fc.constant("put" as const),
    model: modelName,
    replicas: fc.nat(5),
    agents: fc.option(fc.uniqueArray(agentName, { minLength: 1 })),
  }),
  fc.record({ do: fc.constant("unwish" as const), model: modelName }),
  fc.record({
    do: fc.constantFrom(
      "lose" as const,
      "dial" as const,
      "restart" as const,
      "drain" as const,
      "resume" as const,
    ),
    agent: agentName,
  }),
  fc.record({ do: fc.constantFrom("finish" as const, "fail" as const, "lie" as const), agent: agentName }),
  fc.record({ do: fc.constantFrom("gain" as const, "drop" as const), agent: agentName, model: modelName }),
  fc.record({ do: fc.constant("remove" as const), agent: agentName }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 20_000, 61_000, 600_000) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A fleet and what is wished of it. */
class World {
  readonly wishes = new Map<string, { replicas: number; agents: string[] | null }>();
  readonly agents: Record<string, FakeAgent>;
  readonly bench: Bench;
  readonly removed = new Set<string>();

  constructor(bench: Bench, agents: Record<string, FakeAgent>) {
    this.bench = bench;
    this.agents = agents;
  }

  agent(name: string): FakeAgent {
    const found = this.agents[name];
    if (found === undefined) throw new Error(`no agent ${name}`);
    return found;
  }

  async run(step: Step): Promise<void> {
    const { brain, now } = this.bench;
    switch (step.do) {
      case "put": {
        const agents = step.agents?.filter((name) => !this.removed.has(name)) ?? null;
        if (agents?.length === 0) break;
        await brain.putPlacement(step.model, { replicas: step.replicas, agents });
        if (step.replicas === 0) this.wishes.delete(step.model);
        else this.wishes.set(step.model, { replicas: step.replicas, agents });
        break;
      }
      case "unwish":
        await brain.deletePlacement(step.model);
        this.wishes.delete(step.model);
        break;
      case "lose":
        this.agent(step.agent).lose();
        break;
      case "restart":
        this.agent(step.agent).restart(`instance-${this.bench.now()}`);
        break;
      case "dial":
        if (this.agent(step.agent).socket === undefined) this.agent(step.agent).dial(brain, now);
        break;
      case "drain":
      case "resume":
        await brain.drainAgent(step.agent, step.do === "drain");
        break;
      case "remove":
        await brain.deleteAgent(step.agent);
        this.removed.add(step.agent);
        break;
      case "gain":
      case "drop":
        this.has(this.agent(step.agent), step.model, step.do === "gain");
        break;
      case "wait":
        await this.wait(step.ms);
        break;
      default:
        this.answer(this.agent(step.agent), step.do);
    }
    await turn();
  }

  has(agent: FakeAgent, model: string, gains: boolean): void {
    const rest = (agent.state.models ?? []).filter(({ name }) => name !== `${model}:latest`);
    agent.tell({ models: gains ? [...rest, { name: `${model}:latest` }] : rest });
  }

  answer(agent: FakeAgent, how: "finish" | "fail" | "lie"): void {
    const request = agent.open[0];
    if (request === undefined || agent.socket === undefined) return;
    if (how === "fail") {
      request.answer('{"error":"no"}', 500);
      return;
    }
    request.respond().write('{"status":"success"}\n');
    if (how === "finish") this.has(agent, modelOf(request.body), true);
    request.finish();
  }

  async wait(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10_000) {
      for (const agent of Object.values(this.agents)) agent.socket?.ping();
      await this.bench.clock.advance(Math.min(10_000, left));
    }
  }

  /** Pulls that run according to the coordinator, by model. */
  async pulls(): Promise<Map<string, string[]>> {
    const { items } = await this.bench.brain.listModels({ after: undefined, limit: 10 });
    const found = new Map<string, string[]>();
    for (const { name, placement } of items) {
      const pulling = placement?.state.pulling ?? [];
      found.set(
        canonicalName(name).replace(":latest", ""),
        pulling.map(({ agent_name }) => agent_name),
      );
    }
    return found;
  }

  lacks(name: string, model: string): boolean {
    return !(this.agent(name).state.models ?? []).some((one) => one.name === `${model}:latest`);
  }

  async check(): Promise<void> {
    const pulls = await this.pulls();
    const busy = [...pulls.values()].flat();
    expect(new Set(busy).size).toBe(busy.length);
    for (const [model, names] of pulls) {
      const wish = this.wishes.get(model);
      if (names.length > 0) expect(wish).toBeDefined();
      expect(names.length).toBeLessThanOrEqual(Math.min(2, wish?.replicas ?? 0));
      for (const name of names) expect(wish?.agents ?? NAMES).toContain(name);
      // Those that are there and have it need no other pull.
      const present = NAMES.filter(
        (name) =>
          !this.removed.has(name) &&
          this.agent(name).online &&
          (wish?.agents ?? NAMES).includes(name) &&
          !this.lacks(name, model),
      );
      const fetching = names.filter((name) => !present.includes(name));
      if (fetching.length > 0)
        expect(present.length + fetching.length).toBeLessThanOrEqual(wish?.replicas ?? 0);
    }
    // Whatever a machine still works on is a pull that the coordinator knows of.
    for (const name of NAMES) {
      const agent = this.agent(name);
      if (agent.online && agent.open.length > 0) expect(busy).toContain(name);
    }
  }
}

function modelOf(body: string): string {
  return (JSON.parse(body) as { model: string }).model;
}

test("whatever comes and goes: no pull that nobody wants, never too many, and in the end nothing runs and no timer is left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { bench, agents } = await Bench.fleet(
        Object.fromEntries(NAMES.map((name) => [name, { models: [] }])),
      );
      const world = new World(bench, agents);
      for (const each of steps) {
        await world.run(each);
        await world.check();
      }
      // From here on everything is well: machines stay, and what they pull they get.
      for (const name of NAMES.filter((one) => !world.removed.has(one))) {
        await world.run({ do: "dial", agent: name });
        await world.run({ do: "resume", agent: name });
      }
      for (let round = 0; round < 16; round++) {
        for (const name of NAMES) await world.run({ do: "finish", agent: name });
        await world.wait(300_000);
        await world.check();
      }
      expect([...(await world.pulls()).values()].flat()).toEqual([]);
      for (const [model, { replicas, agents: allowed }] of world.wishes) {
        const able = NAMES.filter((name) => !world.removed.has(name) && (allowed ?? NAMES).includes(name));
        const have = able.filter((name) => !world.lacks(name, model));
        expect(have.length).toBeGreaterThanOrEqual(Math.min(replicas, able.length));
      }
      await bench.clock.drain(20_000);
      expect(bench.brain.load()).toEqual({ running: 0, waiting: 0, streams: 0 });
      expect(bench.clock.timers).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 60_000);
