import { expect, test } from "vitest";
import { FEED } from "../../../shared/api/feed.ts";
import { Bench, models } from "../testing/bench.ts";
import { FakePage } from "../testing/fake-page.ts";
import { turn } from "../testing/turn.ts";

async function watched() {
  const fleet = await Bench.fleet({ a: { slots: 8 } });
  await fleet.bench.clock.advance(2_000);
  const page = FakePage.open(fleet.bench.brain);
  await fleet.bench.clock.advance(FEED.interval_ms);
  return { ...fleet, page };
}

test("a clock that is set back holds nothing up", async () => {
  const { bench, agent, page } = await watched();
  bench.clock.setBack(3_600_000);
  agent("a").tell({ cpu_usage: 7 });
  await bench.clock.advance(2 * FEED.interval_ms);
  expect(page.shown.agents[0]?.cpu_usage).toBe(7);
});

test("the error rate is that of the last minute, also while nothing finishes", async () => {
  const { bench, agent, page } = await watched();
  const pass = async (seconds: number): Promise<void> => {
    for (let past = 0; past < seconds; past += 10) {
      agent("a").socket?.ping();
      await bench.clock.advance(10_000);
    }
  };
  const failed = bench.ask({ agent: "a" });
  await turn();
  agent("a").last.answer("{}", 500);
  await failed.outcome;
  await pass(30);
  const asked = bench.ask({ agent: "a" });
  await turn();
  agent("a").last.answer();
  await asked.outcome;
  await pass(10);
  expect(page.shown.now.error_rate).toBe(0.5);
  await pass(30);
  expect(page.shown.now.error_rate).toBe(0);
});

test("a page that was away learns that lists of models have changed meanwhile, and nothing else", async () => {
  const { bench, agent, page } = await watched();
  const { revisions } = page.shown;
  page.leave();
  const same = FakePage.open(bench.brain);
  await bench.clock.advance(FEED.interval_ms);
  expect(same.shown.revisions).toEqual(revisions);
  same.leave();
  agent("a").tell({ models: models("m", "other") });
  const later = FakePage.open(bench.brain);
  await bench.clock.advance(FEED.interval_ms);
  expect(later.shown.revisions).toEqual({ ...revisions, models: revisions.models + 1 });
});

test("a page that comes in the middle of long answers sees their speed, and not all that came before it at once", async () => {
  const { bench, agent, page } = await watched();
  page.leave();
  bench.ask({ agent: "a", stream: true });
  await turn();
  const answer = agent("a").last.respond();
  for (let second = 0; second < 60; second++) {
    answer.write("x".repeat(1_300));
    agent("a").socket?.ping();
    await bench.clock.advance(1_000);
  }
  const late = FakePage.open(bench.brain);
  await bench.clock.advance(FEED.interval_ms);
  expect(late.shown.now.tokens_per_second).toBeGreaterThan(8);
  expect(late.shown.now.tokens_per_second).toBeLessThan(12);
});
