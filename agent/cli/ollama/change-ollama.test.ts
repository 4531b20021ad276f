import { expect, test, vi } from "vitest";
import { localControl } from "../../program/control/local-control.ts";
import { FakeProgram, jobOf } from "../../testing/fake-program.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { type Change, type ChangeOptions, changeOllama } from "./change-ollama.ts";

function bench(options: Partial<ChangeOptions> & { isTTY?: boolean } = {}) {
  const program = new FakeProgram();
  // As the real one does: what is asked for has begun when it is answered.
  program.answer = (command) => {
    if (command.type === "install" || command.type === "update")
      program.change({ job: jobOf({ kind: command.type }) });
    return { ok: true };
  };
  const terminal = new FakeTerminal({ isTTY: options.isTTY ?? false });
  const stopping = new AbortController();
  const change = (what: Change) =>
    changeOllama(
      localControl(program, async () => {}),
      what,
      {
        version: undefined,
        yes: true,
        ask: undefined,
        terminal,
        isMoving: true,
        stop: stopping.signal,
        ...options,
      },
    );
  return { program, terminal, stopping, change };
}

const progressOf = (done: number) => ({ done_bytes: done, total_bytes: 1_000, bytes_per_s: 10, eta_s: 1 });

test("an install is started, followed and told of in a few plain lines", async () => {
  const { program, terminal, change } = bench({ version: "0.32.1" });
  const ended = change("install");
  await program.asked.find((command) => (command.type === "install" ? command : undefined));
  await vi.waitFor(() => expect(program.watchers).toBe(1));
  for (let done = 0; done <= 1_000; done += 10) {
    program.change({ job: jobOf({ step: "downloading", progress: progressOf(done) }) });
  }
  program.change({ job: jobOf({ step: "waiting", problem: "connection reset" }) });
  program.change({ job: null });
  expect(await ended).toEqual({ ok: true });
  expect(program.asked.entries).toEqual([{ type: "install", version: "0.32.1" }]);
  const lines = terminal.written.trim().split("\n");
  expect(lines).toHaveLength(1 + 11 + 1 + 1);
  expect(lines.at(-2)).toContain("(connection reset)");
  expect(lines.at(-1)).toBe("Ollama 0.32.1 is ready");
  expect(program.watchers).toBe(0);
});

test("on a terminal it is one line that moves, unless that is not wanted", async () => {
  for (const isMoving of [true, false]) {
    const { program, terminal, change } = bench({ isTTY: true, isMoving });
    const ended = change("install");
    await vi.waitFor(() => expect(program.watchers).toBe(1));
    program.change({ job: jobOf({ step: "downloading", progress: progressOf(100) }) });
    program.change({ job: jobOf({ step: "downloading", progress: progressOf(200) }) });
    program.change({ job: null });
    await ended;
    expect(terminal.screen).toHaveLength(isMoving ? 2 : 4);
  }
});

test("without anybody to ask, nothing is done and the line says how", async () => {
  const { program, change } = bench({ yes: false });
  expect(await change("update")).toEqual({
    ok: false,
    code: 2,
    error: "Replace Ollama 0.32.1 by the newest release? Nobody is there to answer: give --yes",
  });
  expect(program.asked.entries).toEqual([]);
});

test("a person is asked, and only a yes counts", async () => {
  const ask = vi.fn(async () => false);
  const { program, change } = bench({ yes: false, ask });
  expect(await change("uninstall")).toMatchObject({ ok: false, error: "nothing was changed" });
  expect(ask).toHaveBeenCalledWith(
    "Remove the Ollama that this agent has installed in /state?",
    expect.any(AbortSignal),
  );
  ask.mockResolvedValueOnce(true);
  expect(await change("uninstall")).toEqual({ ok: true });
  expect(program.asked.entries).toEqual([{ type: "uninstall" }]);
});

test("what the agent refuses, and what fails on the way, are said as they are", async () => {
  const { program, change } = bench();
  program.answer = () => ({ ok: false, error: "no previous version is kept" });
  expect(await change("rollback")).toMatchObject({ ok: false, error: "no previous version is kept" });
  program.answer = () => {
    program.change({ failure: { kind: "install", message: "checksum does not match" } });
    return { ok: true };
  };
  expect(await change("install")).toMatchObject({
    ok: false,
    error: "install failed: checksum does not match",
  });
});

test("a failure of another job before is not this one's", async () => {
  const { program, change } = bench();
  program.change({ failure: { kind: "pull", message: "no space left" } });
  expect(await change("rollback")).toEqual({ ok: true });
});

test("an interrupt cancels the job in the agent and waits for its end", async () => {
  const { program, stopping, change } = bench();
  const ended = change("install");
  await vi.waitFor(() => expect(program.watchers).toBe(1));
  stopping.abort();
  await program.asked.find((command) => (command.type === "cancel" ? true : undefined));
  program.change({ job: null });
  expect(await ended).toMatchObject({ ok: false, code: 130, error: expect.stringContaining("cancelled") });
});

test("whoever ends it at the question has changed nothing", async () => {
  const { program, change, stopping } = bench({
    yes: false,
    ask: async () => {
      stopping.abort();
      return undefined;
    },
  });
  expect(await change("uninstall")).toMatchObject({ ok: false, error: "nothing was changed" });
  expect(program.asked.entries).toEqual([]);
});

test("a stop that came before the job leaves it out", async () => {
  const { program, change, stopping } = bench();
  stopping.abort();
  expect(await change("install")).toEqual({ ok: false, error: "nothing was changed", code: 130 });
  expect(program.asked.entries).toEqual([]);
});

test("an install beside a version that is there is followed to its end, too", async () => {
  const { program, change } = bench();
  program.answer = () => {
    program.change({ job: jobOf({ kind: "update" }) });
    return { ok: true };
  };
  const ended = change("install");
  await vi.waitFor(() => expect(program.watchers).toBe(1));
  program.change({ job: null, failure: { kind: "update", message: "the disk is full" } });
  expect(await ended).toMatchObject({ ok: false, error: "install failed: the disk is full" });
});

test("an install that somebody else cancels is not said to be done", async () => {
  const { program, change } = bench();
  const ended = change("install");
  await vi.waitFor(() => expect(program.watchers).toBe(1));
  const { ollama } = program.status();
  program.change({ job: null, ollama: { ...ollama, source: "none", version: null } });
  expect(await ended).toMatchObject({ ok: false, error: "install was cancelled" });
});
