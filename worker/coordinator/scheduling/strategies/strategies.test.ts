import { beforeEach, describe, expect, test } from "vitest";
import { STRATEGIES, type StrategyName } from "../../../../shared/api/settings.ts";
import type { Agent } from "../../agent.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { agentOf, connect, machinesOf } from "../../testing/fleet.ts";
import type { Decision } from "../dispatcher.ts";
import type { Ending, Grant } from "../grant.ts";
import { ModelIndex } from "../model-index.ts";
import { Scheduler } from "../scheduler.ts";
import type { Want } from "../want.ts";

let clock: FakeClock;
let agents: Agent[];
let strategy: StrategyName;
let scheduler: Scheduler;
/** What is learnt of a model on one machine is known of it on all. */
let index: ModelIndex;

beforeEach(() => {
  index = new ModelIndex();
  clock = new FakeClock();
  agents = [];
  strategy = "auto";
  scheduler = new Scheduler({
    clock,
    machines: machinesOf(() => agents),
    strategy: () => strategy,
    queue: () => ({ max_length: 1_000, timeout_s: 600 }),
    windowMs: () => 15_000,
  });
});

interface Asked {
  want: Want;
  decision: Decision | undefined;
}

function ask(over: Partial<Want> = {}): Asked {
  const want: Want = {
    model: "m:latest",
    since: undefined,
    slot: true,
    pinned: undefined,
    avoid: new Set(),
    ticket: scheduler.ticket(),
    share: { id: "key", weight: 1 },
    ...over,
  };
  const asked: Asked = { want, decision: undefined };
  scheduler.acquire(want, (decision) => {
    asked.decision = decision;
  });
  return asked;
}

function grantOf({ decision }: Asked): Grant {
  if (decision?.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(decision)}`);
  return decision.grant;
}

const DONE: Ending = { verdict: "success" };
const told = (asked: Asked): string =>
  asked.decision === undefined ? "waits" : `${grantOf(asked).agent.id} ${grantOf(asked).reason}`;

/** Answers that take this long, tokens at this speed, and a load where it is said. */
async function answer(asked: Asked, seconds: number, tokensPerSecond = 20, loadS = 0): Promise<void> {
  await clock.advance(seconds * 1_000);
  const { agent } = grantOf(asked);
  const tokens = (seconds - loadS) * tokensPerSecond;
  agent.update({ loaded: [{ name: "m" }] });
  grantOf(asked).release({ verdict: "success", tokens, answer: { tokens, seconds: seconds - loadS }, loadS });
}

const counts = (): number[] => agents.map((agent) => agent.totalRequests);
const fleet = (...ids: string[]): Agent[] => ids.map((id) => agentOf(id, { slots: 4, index }));
const load = (agent: Agent | undefined): void => agent?.update({ loaded: [{ name: "m" }] });

describe.each(STRATEGIES.filter((name) => name !== "weighted"))(
  "%s spreads evenly over three idle machines",
  (name) => {
    const shares: [number, number[]][] = [
      [9, [3, 3, 3]],
      [10, [3, 3, 4]],
      [30, [10, 10, 10]],
    ];
    describe.each(shares)("%i requests", (number, expected) => {
      test.each(["everywhere", "nowhere"])("one after another, the model loaded %s", async (where) => {
        strategy = name;
        agents = fleet("a", "b", "c");
        if (where === "everywhere") agents.forEach(load);
        for (let each = 0; each < number; each++) {
          const asked = ask();
          grantOf(asked).agent.totalRequests++;
          // What is loaded now is loaded, and nobody has measured how long that took.
          load(grantOf(asked).agent);
          grantOf(asked).release(DONE);
        }
        expect(counts().sort((a, b) => a - b)).toEqual(expected);
      });

      test.each([4, 1])("all at once, with %i slots each", (slots) => {
        strategy = name;
        agents = ["a", "b", "c"].map((id) => agentOf(id, { slots, index }));
        const all = Array.from({ length: number }, () => ask());
        const left = new Set(all);
        while (left.size > 0) {
          const round = [...left].filter(({ decision }) => decision !== undefined);
          expect(round.length).toBeGreaterThan(0);
          for (const asked of round) {
            left.delete(asked);
            grantOf(asked).agent.totalRequests++;
            grantOf(asked).release(DONE);
          }
        }
        expect(counts().sort((a, b) => a - b)).toEqual(expected);
      });
    });
  },
);

test("weighted: weights 4:2:1 are met within one request, however many there were", () => {
  strategy = "weighted";
  agents = fleet("a", "b", "c");
  agents.forEach((agent, index) => {
    agent.record = { ...agent.record, weight: [4, 2, 1][index] ?? 1 };
  });
  for (let number = 1; number <= 70; number++) {
    const asked = ask();
    grantOf(asked).agent.totalRequests++;
    grantOf(asked).release(DONE);
    counts().forEach((count, index) => {
      expect(Math.abs(count - (number * ([4, 2, 1][index] ?? 1)) / 7)).toBeLessThanOrEqual(1);
    });
  }
  expect(counts()).toEqual([40, 20, 10]);
});

test("weighted: one that was away does not make up for it", () => {
  strategy = "weighted";
  agents = fleet("a", "b");
  const [, b] = agents;
  if (b === undefined) throw new Error("two");
  b.record = { ...b.record, draining: true };
  for (let each = 0; each < 20; each++) grantOf(ask()).release(DONE);
  b.record = { ...b.record, draining: false };
  for (let each = 0; each < 10; each++) {
    const asked = ask();
    grantOf(asked).agent.totalRequests++;
    grantOf(asked).release(DONE);
  }
  expect(Math.abs((counts()[1] ?? 0) - 5)).toBeLessThanOrEqual(1);
});

describe("auto", () => {
  test("a machine under strain comes after one that is not, by CPU or by memory", () => {
    for (const strain of [{ cpu_usage: 90 }, { memory_usage: 81 }]) {
      agents = fleet("a", "b");
      agents[0]?.update(strain);
      const asked = [ask(), ask(), ask()];
      expect(asked.map(told)).toEqual(["b not-strained", "b not-strained", "b not-strained"]);
    }
  });

  test("one with the model loaded is used until a cold one is really faster", async () => {
    agents = ["a", "b"].map((id) => agentOf(id, { index }));
    const [a, b] = agents;
    // Both have answered, so it is known that loading takes b 10 s and an answer 4 s.
    await answer(ask({ pinned: "a" }), 4);
    await answer(ask({ pinned: "b" }), 14, 20, 10);
    b?.update({ loaded: [] });
    const first = ask();
    expect(told(first)).toBe("a loaded");
    // By the time that b had loaded it and answered one, a has answered them; the fifth makes b worth its load.
    const waiting = [ask(), ask(), ask()];
    expect(waiting.map(told)).toEqual(["waits", "waits", "waits"]);
    waiting.push(ask());
    expect(waiting.map(told)).toEqual(["b free-slot", "waits", "waits", "waits"]);
    expect(a?.inFlight).toBe(1);
  });

  test("one that is late is not waited for for ever", async () => {
    agents = ["a", "b"].map((id) => agentOf(id, { index }));
    await answer(ask({ pinned: "a" }), 4);
    await answer(ask({ pinned: "b" }), 14, 20, 10);
    agents[1]?.update({ loaded: [] });
    ask();
    const waiting = ask();
    await clock.advance(10_000);
    expect(told(waiting)).toBe("waits");
    await clock.advance(30_000);
    expect(told(waiting)).toBe("b free-slot");
  });

  test("one with the model loaded is used as long as it is free, also before any load was measured", async () => {
    agents = ["a", "b"].map((id) => agentOf(id, { index }));
    load(agents[1]);
    for (let each = 0; each < 5; each++) {
      const asked = ask();
      expect(told(asked)).toBe("b loaded");
      await answer(asked, 2);
    }
  });

  test("nobody waits for it then: a load that was never measured counts as none", () => {
    agents = ["a", "b"].map((id) => agentOf(id, { index }));
    load(agents[1]);
    expect([ask(), ask()].map(told)).toEqual(["b loaded", "a free-slot"]);
  });

  test("a load that took no time is none, also where Ollama does not say how long it took", async () => {
    agents = fleet("a", "b", "c");
    for (let each = 0; each < 9; each++) {
      const asked = ask();
      grantOf(asked).agent.totalRequests++;
      await clock.advance(300);
      grantOf(asked).release(DONE);
    }
    expect(counts()).toEqual([3, 3, 3]);
  });

  test("what a machine has loaded so far tells how long another model will take", async () => {
    const agent = agentOf("a");
    agent.update({
      models: [
        { name: "m", size: 8e9 },
        { name: "x", size: 2e9 },
      ],
    });
    agents = [agent];
    const asked = ask({ model: "x:latest" });
    await clock.advance(5_000);
    grantOf(asked).release({ verdict: "success", loadS: 4 });
    expect(agent.replica("m:latest")?.loadS).toBeCloseTo(16);
  });

  test("a machine that has it loaded with another context would load it anew", async () => {
    agents = ["a", "b"].map((id) => agentOf(id, { slots: 4, index }));
    for (const agent of agents) {
      await answer(ask({ pinned: agent.id }), 14, 20, 10);
      agent.update({ loaded: [{ name: "m", context_length: agent.id === "a" ? 4_096 : 16_384 }] });
    }
    expect(told(ask({ numCtx: 16_384 }))).toBe("b loaded");
    expect(told(ask({ numCtx: 4_096 }))).toBe("a loaded");
  });

  test("of two that are as busy, the one that has been faster; speeds within a fifth are the same speed", async () => {
    agents = fleet("a", "b");
    agents.forEach(load);
    await answer(ask({ pinned: "a" }), 2, 50);
    await answer(ask({ pinned: "b" }), 2, 20);
    expect([ask(), ask(), ask()].map(told)).toEqual(["a fastest", "b least-loaded", "a fastest"]);
    agents = fleet("c", "d");
    agents.forEach(load);
    await answer(ask({ pinned: "c" }), 2, 50);
    await answer(ask({ pinned: "d" }), 2, 45);
    expect([ask(), ask()].map(told)).toEqual(["c round-robin", "d least-loaded"]);
  });

  test("answers that take no time say nothing of speed: equal machines stay equal", async () => {
    agents = fleet("a", "b", "c");
    agents.forEach(load);
    for (let each = 0; each < 9; each++) {
      const asked = ask();
      grantOf(asked).agent.totalRequests++;
      await answer(asked, 0.001 * (1 + (each % 3)));
    }
    expect(counts()).toEqual([3, 3, 3]);
  });

  test("a load of no time is none: who has answered is not behind who has not", () => {
    agents = fleet("a", "b", "c");
    for (let each = 0; each < 10; each++) {
      const asked = ask();
      grantOf(asked).agent.totalRequests++;
      grantOf(asked).release({ verdict: "success", loadS: 1e-9 * (each + 1) });
    }
    expect(counts()).toEqual([4, 3, 3]);
  });

  test("weight counts as slots do", () => {
    agents = fleet("a", "b");
    agents.forEach((agent, index) => {
      agent.record = { ...agent.record, weight: index === 0 ? 3 : 1 };
    });
    const asked = Array.from({ length: 4 }, () => ask());
    expect(
      asked
        .map((each) => told(each).charAt(0))
        .sort()
        .join(""),
    ).toBe("aaab");
  });

  describe("a conversation", () => {
    const turns = (from: string[], to: string[]): Partial<Want> => ({ prefixes: from, remember: to });

    beforeEach(() => {
      agents = fleet("a", "b", "c");
      agents.forEach(load);
      agents.forEach((agent, index) => {
        if (agent.tunnel !== undefined) connect(agent, `instance ${index}`);
      });
    });

    test("goes back to the machine that has it in its cache", () => {
      const first = ask(turns([], ["h1"]));
      for (let each = 0; each < 4; each++) ask();
      expect(told(ask(turns(["h1"], ["h1", "h2"])))).toBe(`${grantOf(first).agent.id} sticky`);
      expect(told(ask(turns(["h1", "h2"], ["h3"])))).toBe(`${grantOf(first).agent.id} sticky`);
    });

    test("but not to one that is busy, strained, has lost the model or was restarted", () => {
      const { agent } = grantOf(ask(turns([], ["h1"])));
      const elsewhere = (): boolean => !told(ask(turns(["h1"], []))).startsWith(agent.id);
      agent.update({ cpu_usage: 95 });
      expect(elsewhere()).toBe(true);
      agent.update({ cpu_usage: 5, loaded: [] });
      expect(told(ask(turns(["h1"], [])))).not.toContain("sticky");
      agent.update({ loaded: [{ name: "m" }] });
      connect(agent, "another instance");
      expect(told(ask(turns(["h1"], [])))).not.toContain("sticky");
    });
  });
});

describe("slots", () => {
  test("nobody having set a number, each loaded model has as many as Ollama gives it", () => {
    const agent = agentOf("a", { models: ["m", "x", "e"] });
    agent.record = { ...agent.record, max_concurrency: null };
    agent.update({
      ollama_parallel: 2,
      models: [{ name: "m" }, { name: "x" }, { name: "e", capabilities: ["embedding"] }, { name: "cold" }],
      loaded: [{ name: "m" }, { name: "x" }, { name: "e" }],
    });
    agents = [agent];
    const asked = ["m", "m", "m", "x", "x", "x", "e", "e", "cold"].map((name) =>
      ask({ model: `${name}:latest` }),
    );
    expect(asked.map((each) => each.decision !== undefined)).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  test("a machine whose Ollama says nothing of it has one, for all its models", () => {
    const agent = agentOf("a", { models: ["m", "x"] });
    agent.record = { ...agent.record, max_concurrency: null };
    agent.update({ loaded: [{ name: "m" }, { name: "x" }] });
    agents = [agent];
    expect([ask(), ask({ model: "x:latest" })].map(told)).toEqual(["a only-holder", "waits"]);
  });
});

test("a model that fails again and again on one machine goes to another, and is tried again later", async () => {
  agents = fleet("a", "b");
  for (let each = 0; each < 5; each++) grantOf(ask({ pinned: "a" })).release({ verdict: "failure" });
  expect([ask(), ask(), ask()].map(told)).toEqual(["b only-holder", "b only-holder", "b only-holder"]);
  await clock.advance(10_000);
  const probe = ask();
  expect(told(probe)).toBe("a least-loaded");
  expect(told(ask())).toBe("b only-holder");
  grantOf(probe).release(DONE);
  expect(told(ask()).charAt(0)).toBe("a");
});

test("where every machine that has it fails, Ollama's own answers are what clients get; one that works closes its breaker", () => {
  agents = fleet("a", "b");
  for (const id of ["a", "b"]) {
    for (let each = 0; each < 5; each++) grantOf(ask({ pinned: id })).release({ verdict: "failure" });
  }
  const asked = [ask(), ask()];
  expect(asked.map((each) => told(each).charAt(0)).sort()).toEqual(["a", "b"]);
  for (const each of asked)
    grantOf(each).release(grantOf(each).agent.id === "b" ? DONE : { verdict: "failure" });
  expect([ask(), ask()].map(told)).toEqual(["b only-holder", "b only-holder"]);
});

test("a thousand machines: none is left out, and the free one among busy ones is found", () => {
  agents = Array.from({ length: 1_000 }, (_, index) => agentOf(`a${index}`));
  const chosen = Array.from({ length: 1_000 }, () => grantOf(ask()).agent.id);
  expect(new Set(chosen).size).toBe(1_000);
  expect(scheduler.waiting).toBe(0);
});
