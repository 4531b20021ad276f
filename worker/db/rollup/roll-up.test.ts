import { beforeEach, expect, test } from "vitest";
import { nodeDatabase } from "../../serve/sqlite/node-database.ts";
import { MemoryHistory, request, uuid } from "../../serve/sqlite/testing/memory-history.ts";
import { SqlHistory } from "../history.ts";
import { rollUp } from "./roll-up.ts";
import { DAY_MS, MINUTE_MS } from "./spans.ts";

const NOW = Date.parse("2026-05-10T09:41:23.456Z");
const ago = (ms: number) => new Date(NOW - ms).toISOString();

let memory: MemoryHistory;
beforeEach(() => {
  memory = new MemoryHistory();
  return () => memory.database.close();
});

const counted = async () => (await memory.history.stats({ range: "30d" }, NOW)).totals.requests;
const summed = () =>
  memory.rows("SELECT sum(requests) FROM rollups WHERE size = 86400000 AND scope = 'all'")[0]?.[0] ?? 0;

test("two that sum up at the same time count nothing twice", async () => {
  await memory.write(...Array.from({ length: 30 }, (_, n) => request(n, { at: ago(n * 1_000) })));
  await Promise.all([memory.history.rollUp(20), memory.history.rollUp(20), memory.history.rollUp(20)]);
  expect(summed()).toBe(20);
  await memory.history.rollUp(20);
  expect([summed(), await counted()]).toEqual([30, 30]);
});

test("sums and the place up to which they go are written together or not at all", async () => {
  await memory.write(...Array.from({ length: 10 }, (_, n) => request(n, { at: ago(n * 1_000) })));
  memory.database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON rollup_state BEGIN SELECT RAISE(ABORT, 'disk full'); END",
  );
  await expect(memory.history.rollUp(5)).rejects.toThrow("disk full");
  expect([summed(), await counted()]).toEqual([0, 10]);
  memory.database.exec("DROP TRIGGER full");
  await memory.history.rollUp(5);
  expect([summed(), await counted()]).toEqual([5, 10]);
});

test("what comes after everything was pruned is counted: numbers of rows do not begin anew", async () => {
  await memory.write(...Array.from({ length: 10 }, (_, n) => request(n, { at: ago(9 * DAY_MS) })));
  await memory.history.rollUp(100);
  expect(await memory.history.prune(NOW, 7, 100)).toBe(9);
  await memory.write(...Array.from({ length: 10 }, (_, n) => request(100 + n, { at: ago(n * 1_000) })));
  await memory.history.rollUp(100);
  expect([summed(), await counted()]).toEqual([20, 20]);
  expect(await memory.history.prune(NOW, 7, 100)).toBe(1);
});

test("a VACUUM, which numbers all rows anew, changes nothing", async () => {
  await memory.write(
    ...Array.from({ length: 20 }, (_, n) => request(n, { at: ago(n < 10 ? 9 * DAY_MS : 1_000) })),
  );
  await memory.history.rollUp(15);
  await memory.history.prune(NOW, 7, 100);
  memory.database.exec("VACUUM");
  expect(await counted()).toBe(20);
  await memory.history.rollUp(100);
  expect([summed(), await counted()]).toEqual([20, 20]);
});

test("figures outlive the requests: days for two years, minutes for two days", async () => {
  await memory.write(...Array.from({ length: 5 }, (_, n) => request(n, { at: ago(20 * DAY_MS) })));
  await memory.write(request(9, { at: ago(MINUTE_MS) }));
  await memory.history.rollUp(100);
  while ((await memory.history.prune(NOW, 7, 2)) === 2);
  expect(memory.rows("SELECT count(*) FROM requests")).toEqual([[1]]);
  expect(
    memory.rows("SELECT count(*) FROM rollups WHERE size = 60000 AND start < ?", NOW - 2 * DAY_MS),
  ).toEqual([[0]]);
  expect(await counted()).toBe(6);
  await memory.history.prune(NOW + 720 * DAY_MS, 7, 100);
  expect(summed()).toBe(1);
});

test("a machine that was renamed has its new name, with what it did under the old one", async () => {
  const old = { agent_id: uuid(1), agent_name: "desk" };
  await memory.write(request(1, { ...old, at: ago(5 * DAY_MS) }), request(2, { ...old, at: ago(4_000) }));
  await memory.history.rollUp(100);
  await memory.write(request(3, { ...old, agent_name: "tower", at: ago(2_000) }));
  const { by_agent } = await memory.history.stats({ range: "7d" }, NOW);
  expect(by_agent).toMatchObject([{ id: uuid(1), name: "tower", requests: 3 }]);
});

test("a list has the hundred that were used most, also when they are in no sum yet", async () => {
  const rows = Array.from({ length: 300 }, (_, n) => request(n, { model: `m${n % 150}`, at: ago(3_000) }));
  await memory.write(...rows);
  await memory.history.rollUp(200);
  await memory.write(
    ...Array.from({ length: 5 }, (_, n) => request(1_000 + n, { model: "new", at: ago(1_000) })),
  );
  const { by_model, totals } = await memory.history.stats({ range: "24h" }, NOW);
  expect(by_model).toHaveLength(100);
  expect(by_model[0]).toMatchObject({ model: "new", requests: 5 });
  expect(by_model.slice(1).every(({ requests }) => requests === 2)).toBe(true);
  expect(totals.requests).toBe(305);
});

test("however many rows a step has: one parameter each, and D1's 2 MB are kept", async () => {
  const long = (n: number) => `${"x".repeat(599)}${n}`;
  await memory.write(
    ...Array.from({ length: 500 }, (_, n) =>
      request(n, { model: long(n), agent_id: uuid(n), at: ago(1_000) }),
    ),
  );
  memory.journal.length = 0;
  let step = 0;
  const watched = {
    rollUpRows: 500,
    execute: async (query: string, params: unknown[]) => {
      step += params.length;
      for (const param of params) expect(String(param).length).toBeLessThan(700_000);
      return memory.storage.rows(query, params);
    },
    batch: async (statements: readonly { query: string; params: unknown[] }[]) =>
      memory.storage.transactionSync(() =>
        statements.map(({ query, params }) => {
          for (const param of params) expect(String(param).length).toBeLessThan(700_000);
          return memory.storage.rows(query, params);
        }),
      ),
  };
  await rollUp(watched, 500);
  expect(step).toBeGreaterThan(1);
  expect(await counted()).toBe(500);
});

test("the last hour of a busy model is counted in bounded steps, each request once, also those of one millisecond", async () => {
  for (let part = 0; part < 5; part++) {
    await memory.write(
      ...Array.from({ length: 1_000 }, (_, n) =>
        request(part * 1_000 + n, { model: n % 50 === 0 ? "other" : "m", at: ago(part < 3 ? 5_000 : 4_999) }),
      ),
    );
  }
  const plain = nodeDatabase(memory.storage);
  let most = 0;
  const watched = new SqlHistory({
    ...plain,
    execute: async (query, params) => {
      const rows = await plain.execute(query, params);
      most = Math.max(most, rows.length);
      return rows;
    },
    batch: async (statements) => {
      const answers = await plain.batch(statements);
      most = Math.max(most, ...answers.map((rows) => rows.length));
      return answers;
    },
  });
  const { totals, by_model } = await watched.stats({ range: "1h", model: "m" }, NOW);
  expect([totals.requests, by_model.length]).toEqual([4_900, 1]);
  expect(most).toBeLessThanOrEqual(2_000);
});

test("samples of machines: means over each step, of one or of all, and gone after eight days", async () => {
  const sample = (agent: number, ageMs: number, cpu: number | null, active: number) => ({
    id: `${agent}@${ageMs}`,
    at: ago(ageMs),
    agent_id: uuid(agent),
    cpu_usage: cpu,
    memory_usage: null,
    gpu_usage: null,
    active_requests: active,
    tokens_per_second: null,
  });
  const samples = [
    sample(1, 2 * MINUTE_MS, 10, 1),
    sample(1, 62 * MINUTE_MS, 99, 9),
    sample(2, 2 * MINUTE_MS, 30, 3),
    sample(2, 9 * DAY_MS, 50, 5),
    sample(3, 2 * MINUTE_MS, null, 2),
  ];
  await memory.history.write({ requests: [], events: [], samples });
  await memory.history.write({ requests: [], events: [], samples });
  const metric = ["cpu_usage" as const, "memory_usage" as const, "active_requests" as const];
  const last = async (about: object) => {
    const { series } = await memory.history.series({ range: "1h", metric, ...about }, NOW);
    return metric.map((name) => series[name]?.at(-3));
  };
  expect(await last({})).toEqual([20, null, 2]);
  expect(await last({ agent_id: uuid(1) })).toEqual([10, null, 1]);
  expect(await last({ model: "m" })).toEqual([null, null, null]);
  expect(await memory.history.prune(NOW, 7, 100)).toBe(1);
  expect(memory.rows("SELECT count(*) FROM samples")).toEqual([[4]]);
});
