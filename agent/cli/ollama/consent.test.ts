import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { terminalAsk } from "./consent.ts";

function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const interrupted = vi.fn();
  const gone = new AbortController();
  const ask = terminalAsk(input, output, interrupted);
  return { input, interrupted, gone, answer: ask?.("Install it?", gone.signal) };
}

test("a yes is a yes, anything else that is typed is a no", async () => {
  for (const [typed, meant] of [
    ["y\n", true],
    [" YES \n", true],
    ["yellow\n", false],
    ["\n", false],
  ] as const) {
    const { input, answer } = terminal();
    input.write(typed);
    expect(await answer).toBe(meant);
  }
});

test("Ctrl-C at a question is no answer to it: it ends the program", async () => {
  const { input, answer, interrupted } = terminal();
  input.write("\u0003");
  expect(await answer).toBeUndefined();
  expect(interrupted).toHaveBeenCalledOnce();
});

test("a terminal that closes, and a question that is over, are no answer either", async () => {
  const closed = terminal();
  closed.input.end();
  expect(await closed.answer).toBeUndefined();
  const over = terminal();
  over.gone.abort();
  expect(await over.answer).toBeUndefined();
  expect(over.interrupted).not.toHaveBeenCalled();
});

test("without a terminal nobody is asked", () => {
  expect(terminalAsk(new PassThrough(), new PassThrough())).toBeUndefined();
});
