import { expect, test } from "vitest";
import { FEED } from "../../../shared/api/feed.ts";
import { Bench, models } from "../testing/bench.ts";
import { FakePage } from "../testing/fake-page.ts";
import { bytesOf } from "./changes.ts";

async function watched() {
  const fleet = await Bench.fleet({ a: { slots: 8 }, b: { slots: 8 } });
  await fleet.bench.clock.advance(2_000);
  const page = FakePage.open(fleet.bench.brain);
  await fleet.bench.clock.advance(FEED.interval_ms);
  return { ...fleet, page };
}

const machine = { machine_name: "new", ip_address: "", ollama_version: "", ollama_port: 11_434 };

test("whoever asks to be let in with much to say hides nobody who waits beside it", async () => {
  const { bench, page } = await watched();
  const gpus = Array.from({ length: 32 }, () => ({ name: "語".repeat(200) }));
  for (let n = 0; n < 10; n++) {
    const loud = { ...machine, machine_name: "\u0001".repeat(200), os: "\u0001".repeat(200), gpus };
    await bench.brain.askPairing(loud, `10.0.0.${n}`);
  }
  for (let n = 0; n < 10; n++) {
    await bench.brain.askPairing({ ...machine, machine_name: `honest-${n}` }, `10.0.1.${n}`);
  }
  await bench.clock.advance(2 * FEED.interval_ms);
  expect(page.shown.pairings.length).toBe(20);
  expect(page.shown.pairings.slice(10).map(({ machine_name }) => machine_name)).toEqual(
    Array.from({ length: 10 }, (_, n) => `honest-${n}`),
  );
  expect(Math.max(...page.diffSizes)).toBeLessThanOrEqual(FEED.diff_chars);
});

test("a machine that says as much as it can all the time leaves room for requests and events", async () => {
  const { bench, agent, page } = await watched();
  for (let tick = 0; tick < 20; tick++) {
    agent("a").tell({
      loaded: Array.from({ length: 32 }, (_, n) => ({ name: `${tick} ${n} ${"\u0001".repeat(190)}` })),
      gpus: Array.from({ length: 17 }, (_, n) => ({ name: `${tick} ${n} ${"\u0001".repeat(190)}` })),
    });
    const asked = bench.ask({ agent: "b" });
    await bench.brain.patchAgent("b", { note: `note ${tick}` });
    await bench.clock.advance(1);
    agent("b").last.answer();
    await asked.outcome;
    await bench.clock.advance(FEED.interval_ms - 1);
  }
  await bench.clock.advance(FEED.interval_ms);
  expect(page.shown.requests.length).toBe(20);
  expect(page.shown.events.filter(({ kind }) => kind === "agent_changed").length).toBe(20);
});

test("a model's name may be as long as a client likes: no row of a request grows by it", async () => {
  const { bench, agent, page } = await watched();
  const long = "\u0001".repeat(600);
  agent("a").tell({ models: models("m", long) });
  for (let n = 0; n < 3; n++) bench.ask({ model: long, agent: "a" });
  bench.ask({ agent: "b" });
  await bench.clock.advance(FEED.interval_ms);
  expect(page.shown.running.length).toBe(4);
  for (const row of page.shown.running) expect(bytesOf(JSON.stringify(row))).toBeLessThan(2_000);
  // Nobody has it, and the client may write it as long as this.
  for (let n = 0; n < 3; n++) await bench.ask({ model: "\u0001".repeat(4_000) }).outcome;
  await bench.clock.advance(FEED.interval_ms);
  expect(page.shown.requests.length).toBe(3);
  for (const row of page.shown.requests) expect(bytesOf(JSON.stringify(row))).toBeLessThan(5_000);
});
