import { expect, test } from "vitest";
import { Coordinator } from "../coordinator/coordinator.ts";
import type { OutboxRow } from "../coordinator/store.ts";
import { Bench, fakeDeps, models, storedAgent } from "../coordinator/testing/bench.ts";
import { FakeAgent } from "../coordinator/testing/fake-agent.ts";
import { MemoryStore } from "../coordinator/testing/memory-store.ts";
import { RecordingClient } from "../coordinator/testing/recording-client.ts";
import { turn } from "../coordinator/testing/turn.ts";
import { MemoryHistory } from "../serve/sqlite/testing/memory-history.ts";

/** Requests a second. */
const LOAD = 5;

test("a history that is away for ten minutes under load: no request fails, every row is there once and in order, and memory and writes are bounded", async () => {
  const memory = new MemoryHistory();
  const store = new MemoryStore();
  store.agents.set("a", storedAgent("a", { max_concurrency: 50 }));
  const deps = { ...fakeDeps({ store }), history: memory.history };
  const brain = new Coordinator(deps);
  const agent = new FakeAgent({ id: "a", name: "a", state: { models: models("m") } });
  agent.dial(brain, () => deps.clock.now());
  await turn();

  const asked: string[] = [];
  const ended: (string | undefined)[] = [];
  let puts = 0;
  const put = store.outbox.put.bind(store.outbox);
  store.outbox.put = (rows: readonly OutboxRow[]) => {
    puts++;
    put(rows);
  };
  const calls = new Bench();
  const second = async (): Promise<void> => {
    for (let each = 0; each < LOAD; each++) {
      const call = calls.call();
      asked.push(call.id);
      void brain.forward(call, null, new RecordingClient()).then(({ kind }) => ended.push(kind));
      await turn();
      agent.last.answer();
      await deps.clock.advance(1_000 / LOAD);
    }
    // What is in memory is of the last second.
    expect(brain.recorder.pending - store.outbox.size()).toBeLessThanOrEqual(3 * LOAD);
  };

  for (let n = 0; n < 10; n++) await second();
  memory.away = true;
  puts = 0;
  for (let n = 0; n < 600; n++) await second();
  // A write of the object's own holds up what it sends: beside each batch that was refused, one a second.
  expect(puts).toBeLessThan(700);
  expect(store.outbox.size()).toBeGreaterThan(590 * LOAD);
  memory.away = false;
  for (let n = 0; n < 70; n++) await second();
  await brain.settle();

  expect(new Set(ended)).toEqual(new Set(["answered"]));
  expect(ended).toHaveLength(asked.length);
  const written = memory.rows("SELECT id FROM requests ORDER BY rowid").flat();
  expect(written).toEqual(asked);
  expect([brain.recorder.pending, store.outbox.size()]).toEqual([0, 0]);

  // And the sums have each of them once, whenever it came.
  await deps.clock.advance(1_000);
  await brain.prune();
  const { totals } = await memory.history.stats({ range: "1h" }, deps.clock.now());
  expect(totals.requests).toBe(asked.length);
  memory.database.close();
}, 30_000);

test("a backlog goes out in pieces with pauses, so that requests have their turn", async () => {
  const memory = new MemoryHistory();
  const store = new MemoryStore();
  const deps = { ...fakeDeps({ store }), history: memory.history };
  const before = new Coordinator(deps);
  memory.away = true;
  for (let n = 0; n < 3_000; n++) before.recorder.event("agent_online", `e${n}`);
  await deps.clock.advance(1_000);
  memory.away = false;
  deps.clock.forget();
  const after = new Coordinator(deps);
  await deps.clock.advance(400);
  const first = memory.rows("SELECT count(*) FROM events")[0]?.[0];
  expect(first).toBe(500);
  await deps.clock.advance(1_000);
  expect(after.recorder.pending).toBe(0);
  expect(memory.rows("SELECT agent_id FROM events ORDER BY rowid").flat()).toEqual(
    Array.from({ length: 3_000 }, (_, n) => `e${n}`),
  );
  memory.database.close();
});
