import { expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { Heartbeat } from "./heartbeat.ts";

function beating() {
  const clock = new FakeClock();
  const journal: string[] = [];
  const heartbeat = new Heartbeat({
    clock,
    everyMs: 10_000,
    ping: () => journal.push(`ping ${clock.now()}`),
    dead: (silentMs) => journal.push(`dead after ${silentMs} at ${clock.now()}`),
  });
  return { clock, journal, heartbeat };
}

test("a socket on which two pings stay unanswered is dead, and is told so once", () => {
  const { clock, journal } = beating();
  clock.advance(100_000);
  expect(journal).toEqual(["ping 10000", "ping 20000", "dead after 20000 at 30000"]);
});

test("anything heard keeps it alive, and nothing happens after stop", () => {
  const { clock, journal, heartbeat } = beating();
  for (let beat = 0; beat < 10; beat++) {
    clock.advance(10_000);
    heartbeat.heard();
  }
  expect(journal).toHaveLength(10);
  heartbeat.stop();
  clock.advance(100_000);
  expect(journal).toHaveLength(10);
});
