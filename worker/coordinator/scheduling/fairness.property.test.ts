import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Agent } from "../agent.ts";
import { FairRun, type Job } from "../testing/fair-run.ts";
import { agentOf } from "../testing/fleet.ts";

// Hundreds of runs: a busy machine may take some time.
vi.setConfig({ testTimeout: 20_000 });

const KEYS = ["a", "b", "c", "d"] as const;
/** Each key asks for one model, so that whoever waits for the same has had nothing else in the meantime. */
const MODEL_OF: Readonly<Record<string, string>> = {
  a: "m:latest",
  b: "m:latest",
  c: "m:latest",
  d: "n:latest",
};

const machine = fc.record({
  models: fc.constantFrom<string[]>(["m"], ["m", "n"], ["n"]),
  slots: fc.integer({ min: 1, max: 3 }),
});
/** Some machine has everything. */
const fleet = fc
  .array(machine, { maxLength: 3 })
  .map((machines): Agent[] =>
    [{ models: ["m", "n"], slots: 1 }, ...machines].map((each, index) => agentOf(`a${index}`, each)),
  );
const weights = fc.record({
  a: fc.constantFrom(0.5, 1, 2, 4),
  b: fc.constantFrom(0.5, 1, 2, 4),
  c: fc.constantFrom(0.5, 1, 2, 4),
  d: fc.constantFrom(0.5, 1, 2, 4),
});

function jobs(ms: fc.Arbitrary<number>): fc.Arbitrary<Job[]> {
  const flood = fc.record({
    key: fc.constantFrom(...KEYS),
    at: fc.constantFrom(0, 0, 1_000, 7_500, 20_000),
    lengths: fc.array(ms, { minLength: 1, maxLength: 25 }),
  });
  return fc
    .array(flood, { minLength: 2, maxLength: 8 })
    .map((floods) =>
      floods
        .flatMap(({ key, at, lengths }) => lengths.map((each) => ({ key, at, ms: each })))
        .map((job, number) => ({ ...job, number, model: MODEL_OF[job.key] ?? "" })),
    );
}

/**
 * By how much the shares of two keys drift apart while both wait without a break, as a multiple of the bound of start-time fair
 * queueing: the largest cost of each by its weight.
 */
async function drift(run: FairRun, all: readonly Job[]): Promise<number> {
  const largest = (key: string): number =>
    // What a first request is taken to cost, 1, counts as well: a key may have been charged that.
    Math.max(1, ...all.filter((job) => job.key === key).map(({ ms }) => ms / 1_000)) / run.weight(key);
  const periods = new Map<string, { least: number; most: number }>();
  let worst = 0;
  run.changed = () => {
    for (const [one, other] of [
      ["a", "b"],
      ["a", "c"],
      ["b", "c"],
    ] as const) {
      const pair = one + other;
      if (!run.waits(one) || !run.waits(other)) {
        periods.delete(pair);
        continue;
      }
      const ahead = run.served(one) - run.served(other);
      const { least, most } = periods.get(pair) ?? { least: ahead, most: ahead };
      const period = { least: Math.min(least, ahead), most: Math.max(most, ahead) };
      periods.set(pair, period);
      worst = Math.max(worst, (period.most - period.least) / (largest(one) + largest(other)));
    }
  };
  await run.run(all);
  expect(run.began.length).toBe(all.length);
  return worst;
}

const places = (agents: readonly Agent[]): number => agents.reduce((sum, agent) => sum + agent.slots(), 0);

describe("keys that wait for the same get the same by their weights, whatever machines there are", () => {
  test("within one request of each, where requests cost what is expected", async () => {
    await fc.assert(
      fc.asyncProperty(fleet, weights, jobs(fc.constant(1_000)), async (agents, weighs, all) => {
        expect(await drift(new FairRun(agents, weighs), all)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 150 },
    );
  });

  test("and for every place one more whose cost was guessed wrong, where it is known only at the end", async () => {
    const any = jobs(fc.integer({ min: 100, max: 5_000 }));
    await fc.assert(
      fc.asyncProperty(fleet, weights, any, async (agents, weighs, all) => {
        expect(await drift(new FairRun(agents, weighs), all)).toBeLessThanOrEqual(1 + places(agents));
      }),
      { numRuns: 150 },
    );
  });
});

test("within a key and a model the first to come is the first to be served", async () => {
  const any = jobs(fc.integer({ min: 100, max: 5_000 }));
  await fc.assert(
    fc.asyncProperty(fleet, weights, any, async (agents, weighs, all) => {
      const run = new FairRun(agents, weighs);
      await run.run(all);
      for (const key of KEYS) {
        const served = run.began.filter(({ job }) => job.key === key).map(({ job }) => job);
        expect(served).toEqual(served.toSorted((x, y) => x.at - y.at || x.number - y.number));
      }
    }),
    { numRuns: 60 },
  );
});

describe("nobody starves", () => {
  const flood = (key: string, model: string, count: number, from = 0, every = 0): Omit<Job, "number">[] =>
    Array.from({ length: count }, (_, index) => ({ key, model, at: from + index * every, ms: 1_000 }));

  const slow = (): Agent => agentOf("slow", { models: ["m"] });
  const fast = (): Agent => agentOf("fast", { models: ["n"], slots: 20 });

  /** The longest wait of a key's requests, ms. */
  async function waited(run: FairRun, parts: Omit<Job, "number">[][], key: string): Promise<number> {
    await run.run(parts.flat().map((job, number) => ({ ...job, number })));
    return Math.max(...run.began.filter(({ job }) => job.key === key).map(({ waitedMs }) => waitedMs));
  }

  test("behind a flood for a slow machine, while others have much of a fast one", async () => {
    const run = new FairRun([slow(), fast()], {});
    const parts = [
      flood("flood", "m:latest", 300),
      flood("other", "n:latest", 1_000, 0, 60),
      flood("small", "m:latest", 1, 30_000),
    ];
    expect(await waited(run, parts, "small")).toBeLessThanOrEqual(2_000);
  });

  test("behind a flood for a slow machine, after having had much of a fast one itself", async () => {
    const run = new FairRun([slow(), fast()], {});
    const parts = [
      flood("flood", "m:latest", 300),
      flood("small", "n:latest", 500, 0, 60),
      flood("small", "m:latest", 1, 40_000),
    ];
    expect(await waited(run, parts, "small")).toBeLessThanOrEqual(3_000);
  });

  test.each<[string, Omit<Job, "number">[]]>([
    ["keeping an idle machine busy", flood("small", "n:latest", 3_000, 0, 100)],
    ["a job of five minutes on an idle machine", [{ key: "small", model: "n:latest", at: 0, ms: 300_000 }]],
  ])("at a crowded machine for %s", async (_, elsewhere) => {
    const run = new FairRun([slow(), agentOf("idle", { models: ["n"] })], {});
    const crowd = Array.from({ length: 9 }, (_each, key) => flood(`k${key}`, "m:latest", 50)).flat();
    const small = [
      flood("small", "m:latest", 1, 100_000),
      flood("small", "m:latest", 1, 299_000),
      flood("small", "m:latest", 1, 302_000),
    ];
    await run.run([...crowd, ...elsewhere, ...small.flat()].map((job, number) => ({ ...job, number })));
    const waits = run.began.filter(({ job }) => job.key === "small" && job.model === "m:latest");
    // Nine others have their turns, and what is owed is four ordinary requests at most.
    for (const { waitedMs } of waits) expect(waitedMs).toBeLessThanOrEqual(50_000);
    expect(waits).toHaveLength(3);
  });

  test("on a fast machine, when a flood comes there that has waited for a slow one", async () => {
    const run = new FairRun([slow(), fast()], {});
    const parts = [
      flood("flood", "m:latest", 300),
      flood("other", "n:latest", 900, 0, 100),
      flood("flood", "n:latest", 2_000, 40_000),
    ];
    expect(await waited(run, parts, "other")).toBeLessThanOrEqual(2_000);
  });

  test("who asks for one thing now and then, whatever others flood", async () => {
    const models = ["m:latest", "n:latest"] as const;
    const floods = fc.array(
      fc.record({ key: fc.constantFrom("a", "b", "c"), model: fc.constantFrom(...models) }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(fleet, floods, fc.constantFrom(...models), async (agents, each, model) => {
        const parts = each.map((one) => flood(one.key, one.model, 100));
        parts.push(flood("small", model, 3, 12_300, 9_100));
        // A round of the others and itself, and what was under way; the floods last for minutes.
        expect(await waited(new FairRun(agents, {}), parts, "small")).toBeLessThanOrEqual(5_000);
      }),
      { numRuns: 60 },
    );
  });
});
