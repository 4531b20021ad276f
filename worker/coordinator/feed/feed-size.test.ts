import { expect, test } from "vitest";
import { FEED } from "../../../shared/api/feed.ts";
import type { AgentState } from "../../../shared/protocol/messages.ts";
import { Bench, models } from "../testing/bench.ts";
import { FakePage } from "../testing/fake-page.ts";

const NAMES = Array.from({ length: 24 }, (_, index) => `machine-${index}`);

/** What a machine may say that nobody's would. */
const lists = (text: string, tick: number): AgentState => ({
  loaded: Array.from({ length: 40 }, (_, index) => ({ name: `${tick} ${index} ${text.repeat(300)}` })),
  gpus: Array.from({ length: 32 }, () => ({ name: `${tick} ${text.repeat(150)}` })),
});

async function crowd() {
  const fleet = await Bench.fleet(Object.fromEntries(NAMES.map((name) => [name, { slots: 4 }])));
  await fleet.bench.clock.advance(2_000);
  const page = FakePage.open(fleet.bench.brain);
  await fleet.bench.clock.advance(FEED.interval_ms);
  return { ...fleet, page };
}

test.each([
  ["letters", "x"],
  ["letters of three bytes", "語"],
  ["control characters, six bytes each", "\u0001"],
])("machines that say much, in %s, all get their turn in diffs that stay small", async (_, text) => {
  const { bench, agent, page } = await crowd();
  const turns = new Map<string, number>();
  for (let tick = 0; tick < 30; tick++) {
    for (const name of NAMES) agent(name).tell({ ...lists(text, tick), cpu_usage: tick });
    await bench.clock.advance(FEED.interval_ms);
    const { last } = page;
    for (const { id } of last.type === "diff" ? (last.agents?.changed ?? []) : []) {
      turns.set(id, (turns.get(id) ?? 0) + 1);
    }
  }
  expect(turns.size).toBe(NAMES.length);
  expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(2);
  expect(Math.max(...page.diffSizes)).toBeLessThanOrEqual(FEED.diff_chars);
});

test("of more requests than fit the newest are told one by one, and all of them in the counters", async () => {
  const { bench, agents, page } = await crowd();
  await bench.brain.putSettings({ queue: { max_length: 1_000, timeout_s: 60 } });
  const asked = Array.from({ length: 600 }, (_, index) =>
    bench.ask({ endpoint: `/api/chat${"x".repeat(index % 300)}`, agent: NAMES[index % NAMES.length] }),
  );
  await bench.clock.advance(2 * FEED.interval_ms);
  expect(page.shown.running.length).toBe(FEED.running);
  const answered = new Set<object>();
  while (asked.some(({ ended }) => ended === undefined)) {
    for (const { open } of Object.values(agents)) {
      for (const request of open) if (!answered.has(request)) request.answer();
      for (const request of open) answered.add(request);
    }
    await bench.clock.advance(10);
  }
  await bench.clock.advance(3_000);
  expect(Math.max(...page.diffSizes)).toBeLessThanOrEqual(FEED.diff_chars);
  expect(page.shown.now.total_requests).toBe(600);
  expect(page.shown.running).toEqual([]);
  const told = page.shown.requests.map(({ id }) => id);
  const finished = bench.history.requests.map(({ id }) => id);
  expect(told.slice(0, 50)).toEqual(finished.slice(-50).reverse());
  expect(page.shown.agents.reduce((sum, { total_requests }) => sum + total_requests, 0)).toBe(
    bench.history.requests.filter(({ agent_id }) => agent_id !== null).length,
  );
});

test("an event that says more than anybody reads is told without its details", async () => {
  const { bench, page } = await crowd();
  await bench.brain.patchAgent("machine-1", { note: "語".repeat(2_000) });
  await bench.brain.patchAgent("machine-2", { note: "short" });
  await bench.clock.advance(FEED.interval_ms);
  const [short, long] = page.shown.events;
  expect(short?.detail).toMatchObject({ after: { note: "short" } });
  expect(long?.detail).toEqual({});
  expect(page.shown.agents[1]?.note.length).toBe(2_000);
});

test("what a message does not speak of stays the very object that it was", async () => {
  const { bench, agent, page } = await crowd();
  const before = page.shown;
  agent("machine-3").tell({ models: models("m", "n") });
  await bench.clock.advance(FEED.interval_ms);
  const after = page.shown;
  expect(after.agents.filter((each, index) => each !== before.agents[index]).map(({ id }) => id)).toEqual([
    "machine-3",
  ]);
  for (const part of ["pairings", "now", "running", "requests", "events", "pulls"] as const) {
    expect(after[part]).toBe(before[part]);
  }
  expect(after.revisions).not.toBe(before.revisions);
});
