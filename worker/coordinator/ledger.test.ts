import { expect, test } from "vitest";
import { Bench } from "./testing/bench.ts";
import { turn } from "./testing/turn.ts";

test("a clock that is set back in the middle of a request makes no time less than nothing", async () => {
  const { bench, agent } = await Bench.fleet({ a: { slots: 1 } });
  const [first, second] = [bench.ask({ stream: true }), bench.ask({ stream: true })];
  await turn();
  bench.clock.setBack(10_000);
  agent("a").last.answer();
  await first.outcome;
  await turn();
  agent("a").last.answer();
  await second.outcome;
  await bench.clock.advance(1_000);
  for (const { queue_ms, first_byte_ms, duration_ms, tries } of bench.history.requests) {
    expect([queue_ms, first_byte_ms, duration_ms]).toEqual([0, 0, 0]);
    expect(tries).toMatchObject([{ started_ms: 0, first_byte_ms: 0, ended_ms: 0 }]);
  }
  expect(bench.history.requests.length).toBe(2);
});
