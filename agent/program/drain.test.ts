import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { DRAIN_MS, Drain } from "./drain.ts";

function draining(running: number) {
  const clock = new FakeClock();
  const journal: string[] = [];
  const state = { running };
  const drain = new Drain({
    clock,
    running: () => state.running,
    hold: (held) => journal.push(held ? "hold" : "let in"),
  });
  return { clock, journal, state, drain };
}

test("with nothing running it is drained at once, and lets work in when it is told to", async () => {
  const { drain, journal } = draining(0);
  const release = await drain.begin(new AbortController().signal);
  release();
  expect(journal).toEqual(["hold", "let in"]);
});

test("running answers are waited for", async () => {
  const { drain, journal, state, clock } = draining(2);
  const begun = drain.begin(new AbortController().signal).then(() => journal.push("drained"));
  state.running = 1;
  drain.runningChanged();
  state.running = 0;
  drain.runningChanged();
  await begun;
  expect(journal).toEqual(["hold", "drained"]);
  expect(clock.pending).toEqual([]);
});

test("what takes too long, and what is cancelled, lets work in again and leaves nothing behind", async () => {
  const { drain, journal, clock } = draining(1);
  const late = drain.begin(new AbortController().signal);
  clock.advance(DRAIN_MS);
  await expect(late).rejects.toThrow("1 requests still run after 15 minutes");
  const abort = new AbortController();
  const cancelled = drain.begin(abort.signal);
  abort.abort(new Error("cancelled"));
  await expect(cancelled).rejects.toThrow("cancelled");
  expect(journal).toEqual(["hold", "let in", "hold", "let in"]);
  expect(clock.pending).toEqual([]);
});
