import { expect, test } from "vitest";
import { localControl } from "../program/control/local-control.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { FakeProgram } from "../testing/fake-program.ts";
import { liveStatus } from "./live-status.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";

function bench() {
  const program = new FakeProgram();
  const terminal = new FakeTerminal();
  const clock = new FakeClock();
  const stopping = new AbortController();
  return { program, terminal, clock, stopping };
}

test("the view follows the agent until it is ended, and then nothing of it is left running", async () => {
  const { program, terminal, clock, stopping } = bench();
  const control = localControl(program, async () => {});
  const ended = liveStatus(control, { terminal, colour: false, clock, stop: stopping.signal });
  expect(terminal.screen[2]).toContain("0 running");
  program.change({ running: 5 });
  expect(terminal.screen[2]).toContain("5 running");
  const drawn = terminal.written.length;
  clock.advance(1_000);
  expect(terminal.written.length).toBeGreaterThan(drawn);
  stopping.abort();
  expect(await ended).toBeUndefined();
  expect([program.watchers, terminal.listeners, clock.pending]).toEqual([0, 0, []]);
});

test("an agent that ends is told of", async () => {
  const { program, terminal, clock, stopping } = bench();
  let lose = (_error: Error): void => {};
  const control = {
    watch: (changed: (status: ReturnType<FakeProgram["status"]>) => void, lost: (error: Error) => void) => {
      lose = lost;
      changed(program.status());
      return () => {};
    },
  };
  const ended = liveStatus(control, { terminal, colour: false, clock, stop: stopping.signal });
  lose(new Error("gone"));
  expect(await ended).toEqual(new Error("gone"));
  expect([terminal.listeners, clock.pending]).toEqual([0, []]);
});
