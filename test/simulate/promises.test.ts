import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { STRATEGIES, type StrategyName } from "../../shared/api/settings.ts";
import type { Run } from "./run.ts";
import { parseScenario, readScenario, type Scenario } from "./scenario.ts";
import { type Simulated, simulate } from "./simulate.ts";
import { type Summary, waits } from "./summary.ts";

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

function scenarioOf(name: string): Scenario {
  return readScenario(fileURLToPath(new URL(`scenarios/${name}.json`, import.meta.url)));
}

function summary({ strategies }: Simulated, name: StrategyName): Summary {
  const found = strategies.find(({ strategy }) => strategy === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function only(scenario: Scenario, strategy: StrategyName): Run {
  const [run] = simulate(scenario, { strategies: [strategy] }).runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

/** Requests that each machine answered. */
function shares(run: Run): number[] {
  return run.machines.map(({ id }) => run.outcomes.filter(({ machine }) => machine === id).length);
}

const p95 = (run: Run, key: RegExp): number =>
  waits(run.outcomes.filter(({ demand }) => key.test(demand.key))).p95;

describe("machines that are alike", () => {
  const three = (requests: number, loaded: "all" | []): Scenario =>
    parseScenario({
      name: "three",
      models: [{ name: "m", size_gb: 5 }],
      machines: [{ class: "pc", count: 3, tokens_per_s: 50, memory_gb: 12, slots: 20, loaded }],
      traffic: [{ key: "a", arrivals: { kind: "burst", requests } }],
    });

  test.each(STRATEGIES.filter((name) => name !== "weighted"))("%s shares out evenly", (strategy) => {
    expect(shares(only(three(9, "all"), strategy))).toEqual([3, 3, 3]);
    expect(shares(only(three(9, []), strategy))).toEqual([3, 3, 3]);
    expect(shares(only(three(10, "all"), strategy)).sort()).toEqual([3, 3, 4]);
    expect(shares(only(three(30, "all"), strategy))).toEqual([10, 10, 10]);
  });

  test.each([[[4, 2, 1]], [[5, 1, 1, 1, 1, 1]]])(
    "weighted shares out %j within one request, at any time",
    (weights) => {
      const all = weights.reduce((sum, weight) => sum + weight, 0);
      const scenario = parseScenario({
        name: "weights",
        models: [{ name: "m", size_gb: 5 }],
        machines: weights.map((weight, index) => ({
          class: `pc ${index}`,
          tokens_per_s: 50,
          memory_gb: 12,
          slots: 200,
          weight,
          loaded: "all",
        })),
        traffic: [{ key: "a", arrivals: { kind: "poisson", per_s: 5, requests: 140 } }],
      });
      const run = only(scenario, "weighted");
      const order = run.outcomes.toSorted((a, b) => a.grantedMs - b.grantedMs);
      for (let count = 1; count <= order.length; count++) {
        const given = shares({ ...run, outcomes: order.slice(0, count) });
        given.forEach((has, index) => {
          expect(Math.abs(has - (count * (weights[index] ?? 0)) / all)).toBeLessThan(1);
        });
      }
    },
  );
});

describe("the right machine", () => {
  test("of two that are alike, the one that reports 90 % CPU gets nothing while the other has room", () => {
    const machine = { tokens_per_s: 50, memory_gb: 12, slots: 10, loaded: "all" };
    const scenario = parseScenario({
      name: "strained",
      models: [{ name: "m", size_gb: 5 }],
      machines: [
        { class: "busy", cpu_usage: 90, ...machine },
        { class: "quiet", ...machine },
      ],
      traffic: [{ key: "a", arrivals: { kind: "burst", requests: 10 } }],
    });
    expect(shares(only(scenario, "auto"))).toEqual([0, 10]);
  });

  /** One has it in memory and answers in 2 s; the other has to load it first. */
  const warmAndCold = (requests: number, loadS: number): Scenario => {
    const machine = {
      tokens_per_s: 100,
      prefill_tokens_per_s: 1_000,
      memory_gb: 12,
      disk_gb_per_s: 5 / loadS,
    };
    return parseScenario({
      name: "warm and cold",
      models: [{ name: "m", size_gb: 5 }],
      machines: [
        { class: "warm", loaded: "all", ...machine },
        { class: "cold", ...machine },
      ],
      traffic: [
        { key: "a", prompt_tokens: 100, completion_tokens: 190, arrivals: { kind: "burst", requests } },
      ],
      measured: true,
    });
  };

  test("a machine with the model in memory is used until a cold one is really faster", () => {
    expect(shares(only(warmAndCold(1, 20), "auto"))).toEqual([1, 0]);
    // 10 × 2 s on the warm one are sooner than 20 s of loading and 2 s on the cold one.
    expect(shares(only(warmAndCold(10, 20), "auto"))).toEqual([10, 0]);
    const [warm = 0, cold = 0] = shares(only(warmAndCold(40, 20), "auto"));
    expect([warm > cold, cold > 5]).toEqual([true, true]);
    expect(shares(only(warmAndCold(10, 1), "auto"))).toEqual([5, 5]);
  });

  test("500 requests on machines of speed 4:2:1 take at most 1.1 times the lower bound, and less than with others", () => {
    const { result } = simulate(scenarioOf("speed-4-2-1"));
    const auto = summary(result, "auto");
    expect(auto.ratio).toBeLessThanOrEqual(1.1);
    expect(auto.makespan_s).toBeLessThan(summary(result, "round-robin").makespan_s);
    expect(auto.makespan_s).toBeLessThan(summary(result, "least-loaded").makespan_s);
  });

  test("so they do when no answer is as long as another, on average", () => {
    const base = scenarioOf("speed-4-2-1");
    const traffic = base.traffic.map((each) => ({ ...each, completion_tokens: { min: 100, max: 400 } }));
    let [auto, others] = [0, 0];
    for (const seed of SEEDS) {
      const { result } = simulate({ ...base, traffic, seed }, { strategies: ["auto", "round-robin"] });
      expect(summary(result, "auto").ratio).toBeLessThanOrEqual(1.1);
      auto += summary(result, "auto").makespan_s;
      others += summary(result, "round-robin").makespan_s;
    }
    expect(auto).toBeLessThan(others);
  });

  test("of many models hardly one is loaded that need not be, and all are answered sooner than with others", () => {
    for (const seed of SEEDS) {
      const { result } = simulate({ ...scenarioOf("mixed-models"), seed });
      const auto = summary(result, "auto");
      expect(auto.cold_loads - result.necessary_loads).toBeLessThanOrEqual(2);
      for (const name of ["round-robin", "least-loaded"] as const) {
        expect(auto.makespan_s).toBeLessThan(summary(result, name).makespan_s);
      }
    }
  });

  test("with more asked for than machines can answer, they answer and do not load", () => {
    const { result } = simulate(scenarioOf("mixed-models-overload"));
    const [auto, others] = [summary(result, "auto"), summary(result, "round-robin")];
    expect(auto.makespan_s).toBeLessThan(0.6 * others.makespan_s);
    expect(auto.cold_loads).toBeLessThan(0.25 * others.cold_loads);
  });
});

describe("fair turns", () => {
  test("200 that wait for one key make nine others wait at most 1.5 times as long", () => {
    const [flood, without] = [scenarioOf("flood"), scenarioOf("no-flood")];
    for (const completion_tokens of [100, { min: 20, max: 400 }]) {
      for (const seed of SEEDS) {
        const varied = (scenario: Scenario): Scenario => ({
          ...scenario,
          seed,
          traffic: scenario.traffic.map((each) => ({ ...each, completion_tokens })),
        });
        const [flooded] = simulate(varied(flood), { strategies: ["auto"] }).result.strategies;
        const ratio = p95(only(varied(flood), "auto"), /^user/) / p95(only(varied(without), "auto"), /^user/);
        expect(ratio).toBeLessThanOrEqual(1.5);
        expect(flooded?.jain).toBeGreaterThanOrEqual(0.95);
      }
    }
  });

  test("a key with a quarter of the weight gets a quarter of the time", () => {
    const traffic = [1, 0.25].map((weight) => ({
      key: `weight ${weight}`,
      completion_tokens: 200,
      arrivals: { kind: "burst", requests: 400 },
    }));
    const scenario = parseScenario({
      name: "weights of keys",
      models: [{ name: "m", size_gb: 5 }],
      machines: [{ class: "pc", count: 4, tokens_per_s: 50, memory_gb: 12, loaded: "all" }],
      traffic,
      keys: { "weight 0.25": { weight: 0.25 } },
    });
    const { runs, result } = simulate(scenario, { strategies: ["auto"] });
    const early = (runs[0]?.outcomes ?? []).slice(0, 200);
    const light = early.filter(({ demand }) => demand.weight < 1).length;
    expect(light).toBeGreaterThan(36);
    expect(light).toBeLessThan(44);
    expect(result.strategies[0]?.jain).toBeGreaterThan(0.99);
  });

  test.each(STRATEGIES)(
    "%s: a flood for one model does not delay another that has machines free",
    (strategy) => {
      const run = only(scenarioOf("flood-of-one-model"), strategy);
      expect(p95(run, /^user/)).toBe(0);
      expect(p95(run, /^flood/)).toBeGreaterThan(100);
    },
  );
});

describe("nobody is kept waiting for a better machine", () => {
  test.each([1, 2, 3])(
    "a model that is in no memory gets a machine although a flood keeps all %i busy",
    (count) => {
      const scenario = parseScenario({
        name: "kept out",
        models: ["wanted", "other"].map((name) => ({ name, size_gb: 5 })),
        machines: [
          { class: "pc", count, tokens_per_s: 50, memory_gb: 8, disk_gb_per_s: 0.5, loaded: ["wanted"] },
        ],
        traffic: [
          {
            key: "flood",
            models: ["wanted"],
            completion_tokens: 100,
            arrivals: { kind: "burst", requests: 400 },
          },
          {
            key: "user",
            models: ["other"],
            completion_tokens: 100,
            arrivals: { kind: "closed", requests: 5 },
          },
        ],
        measured: true,
      });
      expect(p95(only(scenario, "auto"), /^user/)).toBeLessThan(30);
    },
  );
});

describe("loss", () => {
  test("what ran on a machine that is lost is answered by another, and nobody is forgotten", () => {
    const scenario = parseScenario({
      name: "churn",
      models: [{ name: "m", size_gb: 5 }],
      machines: [{ class: "pc", count: 5, tokens_per_s: 20, memory_gb: 12, slots: 2 }],
      traffic: [{ key: "a", arrivals: { kind: "poisson", per_s: 0.4, requests: 400 } }],
      churn: { per_hour: 20, away_s: 60 },
    });
    const { runs, result } = simulate(scenario);
    runs.forEach(({ outcomes, lost }, index) => {
      expect(outcomes.length).toBe(400);
      expect(lost).toBeGreaterThan(10);
      expect(outcomes.reduce((sum, { attempts }) => sum + attempts - 1, 0)).toBe(lost);
      expect(result.strategies[index]?.errors).toEqual({});
    });
  });

  test("a line that is full, and one that takes too long, are counted as errors", () => {
    const scenario = parseScenario({
      name: "full",
      models: [{ name: "m", size_gb: 5 }],
      machines: [{ class: "pc", tokens_per_s: 10, memory_gb: 12 }],
      traffic: [{ key: "a", completion_tokens: 100, arrivals: { kind: "burst", requests: 20 } }],
      queue: { max_length: 15, timeout_s: 60 },
    });
    const [auto] = simulate(scenario, { strategies: ["auto"] }).result.strategies;
    expect(auto?.errors.queue_full).toBe(4);
    expect(auto?.errors.queue_timeout).toBeGreaterThan(5);
  });
});
