import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { STRATEGIES } from "../../shared/api/settings.ts";
import type { Outcome, Run } from "./run.ts";
import { parseScenario, readScenario } from "./scenario.ts";
import { simulate } from "./simulate.ts";

const LIMITS = readScenario(fileURLToPath(new URL("scenarios/limits.json", import.meta.url)));
const { result: RESULT, runs: RUNS } = simulate(LIMITS);
const EACH = RUNS.map((run) => [run.strategy, run] as const);

/** One machine with the model in memory, 1 s for a request of 10 and 49 tokens. */
const ONE = {
  name: "one",
  models: [{ name: "m", size_gb: 5 }],
  machines: [
    { class: "pc", tokens_per_s: 50, prefill_tokens_per_s: 500, memory_gb: 12, slots: 4, loaded: "all" },
  ],
};
const SHORT = { prompt_tokens: 10, completion_tokens: 49 };

const of = (run: Run, key: string): Outcome[] => run.outcomes.filter(({ demand }) => demand.key === key);
const admitted = (run: Run, key: string): Outcome[] =>
  of(run, key).filter(({ error }) => error !== "rate_limited");

/** Most that were there at once, from the moment they were let in until they had ended. */
function atOnce(outcomes: readonly Outcome[]): number {
  const steps = outcomes.flatMap(({ arrivedMs, endedMs }) => [
    { atMs: arrivedMs, step: 1 },
    { atMs: endedMs, step: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { step } of steps.toSorted((a, b) => a.atMs - b.atMs || a.step - b.step)) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}

/** The largest sum of any minute. */
function inAnyMinute(values: readonly { atMs: number; value: number }[]): number {
  const sums = values.map(({ atMs: from }) =>
    values.reduce((sum, { atMs, value }) => sum + (atMs >= from && atMs < from + 60_000 ? value : 0), 0),
  );
  return Math.max(0, ...sums);
}

function autoRun(scenario: object): Run {
  const [run] = simulate(parseScenario(scenario), { strategies: ["auto"] }).runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

describe.each(EACH)("a key's limits hold with %s, machines lost or not", (_, run) => {
  test("never more than its max_concurrency are there at once, on the machines and in the line", () => {
    expect(run.lost).toBeGreaterThan(0);
    expect(atOnce(admitted(run, "batch"))).toBe(2);
    expect(atOnce(admitted(run, "app"))).toBe(4);
  });

  test("in no minute more requests than its rpm, and as many when it asks for more", () => {
    const sent = admitted(run, "script").map(({ arrivedMs }) => ({ atMs: arrivedMs, value: 1 }));
    expect(inAnyMinute(sent)).toBe(6);
  });

  test("in no minute more tokens than its tpm and what was under way", () => {
    const used = admitted(run, "team").map(({ demand, endedMs }) => ({
      atMs: endedMs,
      value: demand.promptTokens + demand.completionTokens,
    }));
    const most = inAnyMinute(used);
    expect(most).toBeGreaterThan(4_000);
    expect(most).toBeLessThan(6_000 + 3 * 1_000);
  });

  test("clients that wait for answers come again until they have them, others do not", () => {
    for (const [key, requests] of [
      ["app", 160],
      ["batch", 80],
      ["team", 90],
    ] as const) {
      expect(of(run, key).filter(({ error }) => error === undefined).length).toBe(requests);
    }
    expect(of(run, "script").length).toBe(120);
    expect(of(run, "app").length).toBe(160);
    expect(of(run, "batch").length).toBeGreaterThan(80);
  });
});

test("what a limit turns away is counted as rate_limited, in all and for each key", () => {
  RESULT.strategies.forEach(({ errors, keys }, index) => {
    const refused = (RUNS[index]?.outcomes ?? []).filter(({ error }) => error === "rate_limited");
    expect(refused.length).toBeGreaterThan(0);
    expect(errors).toEqual({ rate_limited: refused.length });
    const each = Object.values(keys).map((key) => key.errors.rate_limited ?? 0);
    expect(each.reduce((sum, count) => sum + count, 0)).toBe(refused.length);
  });
});

test("the same seed gives the same, with limits too", () => {
  expect(simulate(LIMITS).result).toEqual(RESULT);
});

test("a client comes again when Retry-After is over, and not before", () => {
  const run = autoRun({
    ...ONE,
    traffic: [{ key: "a", ...SHORT, arrivals: { kind: "closed", requests: 4 } }],
    keys: { a: { rpm: 2 } },
  });
  expect(run.outcomes.map(({ arrivedMs, error }) => [arrivedMs, error])).toEqual([
    [0, undefined],
    [1_000, undefined],
    [2_000, "rate_limited"],
    [60_000, undefined],
    [61_000, undefined],
  ]);
});

test("a key that has had its tokens of the day comes again the next day", () => {
  const run = autoRun({
    ...ONE,
    traffic: [{ key: "a", ...SHORT, arrivals: { kind: "closed", requests: 4 } }],
    keys: { a: { tpd: 150 } },
  });
  const days = run.outcomes
    .filter(({ error }) => error === undefined)
    .map(({ arrivedMs }) => Math.floor(arrivedMs / 86_400_000));
  expect(days).toEqual([0, 0, 1, 1]);
});

test("a group's limit is each key's own, and what is said of one key goes before it", () => {
  const run = autoRun({
    ...ONE,
    traffic: [{ key: "a", keys: 3, ...SHORT, arrivals: { kind: "burst", requests: 15 } }],
    keys: { a: { max_concurrency: 2 }, "a-3": { max_concurrency: 4 } },
  });
  expect(["a-1", "a-2", "a-3"].map((key) => admitted(run, key).length)).toEqual([2, 2, 4]);
});

test.each([
  ["high", { priority: "high" }, 4],
  ["low", { priority: "low" }, 1 / 4],
  ["high, of half the weight", { priority: "high", weight: 0.5 }, 2],
])("a key of priority %s has its turns beside a normal one while both wait", (_, special, turns) => {
  const arrivals = { kind: "burst", requests: 400 };
  for (const strategy of STRATEGIES) {
    const { runs } = simulate(
      parseScenario({
        ...ONE,
        traffic: ["normal", "special"].map((key) => ({ key, ...SHORT, arrivals })),
        keys: { special },
      }),
      { strategies: [strategy] },
    );
    const early = (runs[0]?.outcomes ?? []).toSorted((a, b) => a.grantedMs - b.grantedMs).slice(0, 200);
    const hers = early.filter(({ demand }) => demand.key === "special").length;
    expect(Math.abs(hers - (200 * turns) / (1 + turns))).toBeLessThanOrEqual(4);
  }
});
