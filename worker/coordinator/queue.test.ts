import { beforeEach, expect, test } from "vitest";
import { Bench, models, storedAgent, storedKey } from "./testing/bench.ts";
import { FakeAgent } from "./testing/fake-agent.ts";
import { turn } from "./testing/turn.ts";

let bench: Bench;
let agent: FakeAgent;

beforeEach(async () => {
  bench = new Bench({ agents: [storedAgent("a")], keys: [storedKey("flood"), storedKey("calm")] });
  agent = new FakeAgent({ id: "a", name: "a", state: { models: models("m") } });
  agent.dial(bench.brain, bench.now);
  await turn();
});

const by = (key_id: string) => ({ caller: { kind: "key" as const, key_id, by_path: false } });

async function answerNext(seconds: number): Promise<void> {
  await bench.clock.advance(seconds * 1_000);
  agent.open[0]?.respond();
  agent.open[0]?.finish();
  await turn();
}

test("shows who waits in the order of turns, and about how long, once something was measured", async () => {
  for (let each = 0; each < 4; each++) bench.ask(by("flood"));
  bench.ask(by("calm"));
  await turn();
  const before = await bench.brain.getQueue(0, 50);
  expect(before.items.map(({ key_name, position }) => [key_name, position])).toEqual([
    ["calm", 1],
    ["flood", 2],
    ["flood", 3],
    ["flood", 4],
  ]);
  expect(before.items.map((item) => item.estimate_ms)).toEqual([null, null, null, null]);
  await answerNext(10);
  const after = await bench.brain.getQueue(0, 50);
  expect(after).toMatchObject({ length: 3, max_length: 100, next_cursor: null });
  expect(after.items.map((item) => [item.estimate_ms, item.waited_ms, item.model])).toEqual([
    [10_000, 10_000, "m:latest"],
    [20_000, 10_000, "m:latest"],
    [30_000, 10_000, "m:latest"],
  ]);
});

test("comes in pages", async () => {
  for (let each = 0; each < 5; each++) bench.ask(by("flood"));
  await turn();
  const first = await bench.brain.getQueue(0, 3);
  const second = await bench.brain.getQueue(Number(first.next_cursor), 3);
  expect([first.items.length, first.next_cursor, second.items.length, second.next_cursor]).toEqual([
    3,
    "3",
    1,
    null,
  ]);
});

test("a line that is full says when a place will be free, as measured", async () => {
  await bench.brain.putSettings({ queue: { max_length: 2 } });
  for (let each = 0; each < 3; each++) bench.ask(by("flood"));
  await turn();
  expect(await bench.ask(by("calm")).outcome).toMatchObject({
    code: "queue_full",
    retryAfterS: 5,
    queueMs: 0,
  });
  await answerNext(8);
  bench.ask(by("flood"));
  await turn();
  expect(await bench.ask(by("calm")).outcome).toMatchObject({ code: "queue_full", retryAfterS: 8 });
});

test("who waited too long hears how long those that are left will take, as measured", async () => {
  await bench.brain.putSettings({ queue: { timeout_s: 60 } });
  const asked = Array.from({ length: 4 }, () => bench.ask(by("flood")));
  await turn();
  await answerNext(20);
  agent.socket?.ping();
  await bench.clock.advance(20_000);
  agent.socket?.ping();
  await bench.clock.advance(20_000);
  // One has left the line in 60 s, and two are in it.
  expect(asked[2]?.ended).toMatchObject({ code: "queue_timeout", retryAfterS: 120, queueMs: 60_000 });
});
