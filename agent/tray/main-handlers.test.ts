import { describe, expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { bridgeOver } from "./bridge.ts";
import { serveWindow } from "./main-handlers.ts";
import { MemoryWire } from "./testing/memory-wire.ts";
import { NOW } from "./testing/sample-status.ts";
import { ScriptedProgram } from "./testing/scripted-program.ts";
import { view } from "./view.ts";
import type { WindowModel } from "./window-model.ts";

function opened() {
  const program = new ScriptedProgram();
  const clock = new FakeClock();
  const wire = new MemoryWire();
  const browser: string[] = [];
  const board = { text: "" };
  const state = { now: NOW };
  const stop = serveWindow(wire.main, {
    program,
    clock,
    today: () => state.now,
    openExternal: async (url) => void browser.push(url),
    clipboard: {
      read: async () => board.text,
      write: async (text) => {
        board.text = text;
      },
    },
    describe: () =>
      view({
        status: program.status(),
        settings: program.owner,
        locked: program.locked,
        language: "en",
        dark: false,
        appVersion: "0.1.0",
        log: program.recentLog(),
        now: state.now,
        timeZone: "UTC",
      }).window,
  });
  const bridge = bridgeOver(wire.page);
  const shown: WindowModel[] = [];
  bridge.onChanged((model) => shown.push(model));
  return { program, clock, wire, browser, board, state, stop, bridge, shown };
}

describe("what the page asks for", () => {
  test("reaches the program as it is, and so does its answer", async () => {
    const { program, bridge } = opened();
    program.answer = () => ({ ok: false, error: "no room on the disk" });
    expect(await bridge.perform({ type: "pull", model: "llama3.2" })).toEqual({
      ok: false,
      error: "no room on the disk",
    });
    expect(program.asked).toEqual([{ type: "pull", model: "llama3.2" }]);
  });

  test("a pause is reckoned from the moment of the click", async () => {
    const { program, bridge, state } = opened();
    state.now = new Date("2026-11-23T12:00:00.000Z");
    await bridge.pause("hour");
    await bridge.pause("open");
    expect(program.asked).toEqual([
      { type: "pause", until: "2026-11-23T13:00:00.000Z" },
      { type: "pause", until: null },
    ]);
  });

  test("two quick changes to the sharing rules do not undo each other", async () => {
    const { program, bridge } = opened();
    const first = Promise.withResolvers<{ ok: true }>();
    program.answer = () => first.promise;
    const both = [
      bridge.change({ sharing: { mains_only: true } }),
      bridge.change({ sharing: { gpu_threshold: 30 } }),
    ];
    first.resolve({ ok: true });
    await Promise.all(both);
    expect(program.owner.sharing).toEqual({
      mains_only: true,
      gpu_threshold: 30,
      schedule: [],
      yield_to_full_screen: false,
    });
  });

  test("a change that fails does not hold up the next one", async () => {
    const { program, bridge } = opened();
    program.answer = () => Promise.reject(new Error("broken"));
    await expect(bridge.change({ allow_cloud: true })).rejects.toThrow("broken");
    program.answer = () => ({ ok: true });
    expect(await bridge.change({ allow_cloud: true })).toEqual({ ok: true });
  });

  test("only https and the own dashboard are opened", async () => {
    const { bridge, browser } = opened();
    expect(await bridge.open("https://llm.example.com/dashboard")).toEqual({ ok: true });
    expect(await bridge.open("file:///C:/calc.exe")).toMatchObject({ ok: false });
    expect(await bridge.open("http://llm.example.com/dashboard")).toMatchObject({ ok: false });
    expect(browser).toEqual(["https://llm.example.com/dashboard"]);
  });

  test("of the clipboard it sees an address and nothing else", async () => {
    const { bridge, board } = opened();
    board.text = " llm.example.com\n";
    expect(await bridge.paste()).toBe("llm.example.com");
    board.text = "correct horse battery staple";
    expect(await bridge.paste()).toBe("");
    await bridge.copy("KWXT-4827");
    expect(board.text).toBe("KWXT-4827");
  });
});

describe("what the page shows", () => {
  test("is new before the page hears that something is done", async () => {
    const { program, bridge, shown } = opened();
    await bridge.change({ allow_cloud: true });
    expect(program.owner.allow_cloud).toBe(true);
    expect(shown.at(-1)?.sharing.cloud.checked).toBe(true);
  });

  test("follows the program, and is sent only when something differs", () => {
    const { program, shown } = opened();
    program.become({ running: 1 });
    program.become({ running: 1 });
    program.become({ running: 2 });
    expect(shown.map(({ headline }) => headline)).toEqual(["Answering 1 request", "Answering 2 requests"]);
  });

  test("counts down every second, and has the newest log", () => {
    const { program, clock, state, shown } = opened();
    const tick = (): void => {
      state.now = new Date(state.now.getTime() + 1_000);
      clock.advance(1_000);
    };
    program.become({
      connection: { state: "connecting", retry_at: "2026-11-23T10:00:05.000Z", problem: null },
    });
    tick();
    tick();
    expect(shown.slice(-2).map(({ detail }) => detail)).toEqual([
      "Trying again in 4 seconds.",
      "Trying again in 3 seconds.",
    ]);
    program.log = ["hello"];
    tick();
    expect(shown.at(-1)?.log.lines).toEqual(["hello"]);
  });

  test("nothing goes on after the window is closed", () => {
    const { program, clock, wire, stop } = opened();
    stop();
    program.become({ running: 5 });
    expect({ pending: clock.pending, listeners: program.listeners, handlers: wire.handlers }).toEqual({
      pending: [],
      listeners: 0,
      handlers: 0,
    });
    expect(wire.sent).toEqual([]);
  });
});
