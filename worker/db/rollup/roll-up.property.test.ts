import fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestView } from "../../../shared/api/requests.ts";
import { RANGES, type Range, type StatsQuery } from "../../../shared/api/stats.ts";
import { MemoryHistory, request, uuid } from "../../serve/sqlite/testing/memory-history.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, spansOf, startOf } from "./spans.ts";
import { type Measured, Tally } from "./tally.ts";

const NOW = Date.parse("2026-05-10T09:41:23.456Z");

const drawn = fc.record({
  ageMs: fc.oneof(fc.integer({ min: 0, max: HOUR_MS }), fc.integer({ min: 0, max: 9 * DAY_MS })),
  model: fc.constantFrom("a", "b", null),
  agent: fc.constantFrom(1, 2, null),
  key: fc.constantFrom(3, 4, null),
  outcome: fc.constantFrom(
    { status: 200, error_code: null },
    { status: 503, error_code: "queue_full" },
    { status: 200, error_code: "agent_lost" },
    { status: 499, error_code: "cancelled" },
  ),
  ms: fc.integer({ min: 0, max: 100_000 }),
  tokens: fc.option(fc.integer({ min: 0, max: 500 })),
  evalMs: fc.option(fc.integer({ min: 0, max: 5_000 })),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never;

function rowOf(n: number, { ageMs, model, agent, key, outcome, ms, tokens, evalMs }: Drawn): RequestView {
  return request(n, {
    ...outcome,
    at: new Date(NOW - ageMs).toISOString(),
    model,
    agent_id: agent === null ? null : uuid(agent),
    agent_name: agent === null ? null : `machine ${agent}`,
    key_id: key === null ? null : uuid(key),
    key_name: key === null ? null : `key ${key}`,
    queue_ms: ms / 7,
    first_byte_ms: ms % 3 === 0 ? null : ms / 2,
    duration_ms: ms,
    prompt_tokens: tokens,
    completion_tokens: tokens,
    eval_ms: evalMs,
  });
}

/** What the program does with its history: rows arrive (late, and some twice), and are summed up in steps of any size. */
const script = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ write: fc.array(drawn, { maxLength: 12 }), again: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ rollUp: fc.integer({ min: 1, max: 9 }) }) },
  ),
  { maxLength: 12 },
);

const asked: fc.Arbitrary<StatsQuery> = fc
  .record({
    range: fc.constantFrom(...(Object.keys(RANGES) as Range[])),
    about: fc.constantFrom({}, { model: "a" }, { agent_id: uuid(1) }, { key_id: uuid(4) }),
  })
  .map(({ range, about }) => ({ range, ...about }));

function figuresOf(rows: readonly RequestView[]) {
  const tally = new Tally();
  for (const row of rows) tally.add({ ...row, at: Date.parse(row.at) } satisfies Measured);
  return tally.figures();
}

function groupsOf(rows: readonly RequestView[], key: (row: RequestView) => string | null) {
  return new Map([...Map.groupBy(rows, key)].map(([id, group]) => [id, figuresOf(group)]));
}

test("whatever comes late or twice and however it is summed up: every figure is that of counting the requests themselves", async () => {
  await fc.assert(
    fc.asyncProperty(script, asked, async (steps, query) => {
      const memory = new MemoryHistory();
      const all: RequestView[] = [];
      for (const step of steps) {
        if ("rollUp" in step) {
          await memory.history.rollUp(step.rollUp);
          continue;
        }
        const rows = step.write.map((each, at) => rowOf(all.length + at, each));
        await memory.write(...rows);
        if (step.again) await memory.write(...rows);
        all.push(...rows);
      }
      const from = Math.min(...spansOf(query.range, NOW).map((span) => span.from));
      const counted = all.filter(
        (row) =>
          Date.parse(row.at) >= from &&
          (query.model === undefined || row.model === query.model) &&
          (query.agent_id === undefined || row.agent_id === query.agent_id) &&
          (query.key_id === undefined || row.key_id === query.key_id),
      );
      const view = await memory.history.stats(query, NOW);
      expect(view.from).toBe(new Date(from).toISOString());
      expect(view.totals).toEqual(figuresOf(counted));
      const named = <Item extends object>(items: Item[], name: keyof Item) =>
        new Map(items.map(({ [name]: id, ...rest }) => [id, { ...rest, name: undefined }]));
      const bare = (map: Map<unknown, object>) =>
        new Map([...map].map(([id, figures]) => [id, { ...figures, name: undefined }]));
      expect(named(view.by_model, "model")).toEqual(bare(groupsOf(counted, (row) => row.model)));
      expect(named(view.by_agent, "id")).toEqual(bare(groupsOf(counted, (row) => row.agent_id)));
      expect(named(view.by_key, "id")).toEqual(bare(groupsOf(counted, (row) => row.key_id)));
      expect(named(view.by_day, "day")).toEqual(bare(groupsOf(counted, (row) => row.at.slice(0, 10))));
      for (const { id, name } of view.by_agent)
        expect(name).toBe(id === null ? null : `machine ${Number(id.slice(-1))}`);
      memory.database.close();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a series has in each step what was in it, also where its rows are of several sizes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawn, { maxLength: 40 }),
      fc.constantFrom(...(Object.keys(RANGES) as Range[])),
      fc.constantFrom(undefined, 60, 300, 3_600, 21_600, 86_400),
      async (requests, range, step) => {
        const memory = new MemoryHistory();
        const all = requests.map((each, at) => rowOf(at, each));
        await memory.write(...all);
        await memory.history.rollUp(Math.ceil(all.length / 2));
        const metric = ["requests", "completion_tokens", "duration_ms_p95"] as const;
        const view = await memory.history.series({ range, step, metric: [...metric] }, NOW);
        for (const [at, start] of view.at.entries()) {
          const within = all.filter(
            (row) => startOf(Date.parse(row.at), view.step_s * 1_000) === start * 1_000,
          );
          const figures = figuresOf(within);
          expect(view.series.requests?.[at]).toBe(figures.requests);
          expect(view.series.completion_tokens?.[at]).toBe(figures.completion_tokens);
          expect(view.series.duration_ms_p95?.[at]).toBe(figures.duration_ms.p95);
        }
        expect(view.at.length).toBe(view.series.requests?.length);
        memory.database.close();
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test("spans have every moment of their range once", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(RANGES) as Range[])),
      fc.integer({ min: 0, max: 400 * DAY_MS }),
      (range, offset) => {
        const now = NOW + offset;
        const spans = spansOf(range, now);
        const begins = now - RANGES[range] * 1_000;
        expect(spans[0]?.from).toBeLessThanOrEqual(begins);
        expect(begins - (spans[0]?.from ?? 0)).toBeLessThan(range === "1h" ? MINUTE_MS : HOUR_MS);
        expect(spans.at(-1)?.to).toBe(now + 1);
        for (const [at, { size, from }] of spans.entries()) {
          expect(startOf(from, size)).toBe(from);
          if (at > 0) expect(from).toBe(spans[at - 1]?.to);
        }
      },
    ),
  );
});
