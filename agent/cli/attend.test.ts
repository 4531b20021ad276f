import { pino } from "pino";
import { expect, test } from "vitest";
import type { Question } from "../program/status.ts";
import { FakeProgram, jobOf } from "../testing/fake-program.ts";
import { attend } from "./attend.ts";

const INSTALL: Question = { kind: "install", version: "0.33.0", download_bytes: 1, directory: "/state" };
const PULL: Question = { kind: "pull", model: "small", download_bytes: 5 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

function attended({ showProgress = true } = {}) {
  const program = new FakeProgram();
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const open: { question: string; answer(yes: boolean | undefined): void; fail(error: Error): void }[] = [];
  const ask = (question: string, gone: AbortSignal): Promise<boolean | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean | undefined>();
    gone.addEventListener("abort", () => resolve(undefined));
    const asked = { question, answer: resolve, fail: reject };
    open.push(asked);
    return promise.finally(() => open.splice(open.indexOf(asked), 1));
  };
  const unattend = attend(program, { log, ask, showProgress });
  return { program, lines, open, unattend };
}

test("an answer is to the question that was asked", async () => {
  const { program, open, unattend } = attended();
  program.change({ question: INSTALL });
  open[0]?.answer(true);
  await settled();
  expect(program.asked.entries).toEqual([{ type: "answer", yes: true, to: "install" }]);
  unattend();
});

test("a question that another one takes the place of is no longer asked", async () => {
  const { program, open, unattend } = attended();
  program.change({ question: INSTALL });
  program.change({ question: PULL });
  await settled();
  expect(open.map(({ question }) => question)).toEqual([expect.stringContaining("Pull small")]);
  program.change({ question: null });
  await settled();
  expect([open, program.asked.entries]).toEqual([[], []]);
  unattend();
});

test("no answer is not a no, and how to answer later is said", async () => {
  const { program, open, lines, unattend } = attended();
  program.change({ question: INSTALL });
  open[0]?.answer(undefined);
  await settled();
  expect(program.asked.entries).toEqual([]);
  expect(lines.join("")).toContain("agent ollama install --yes");
  unattend();
});

test("a terminal that fails does not end the agent", async () => {
  const { program, open, lines, unattend } = attended();
  program.change({ question: PULL });
  open[0]?.fail(new Error("readline was closed"));
  await settled();
  expect(lines.join("")).toContain("cannot ask: readline was closed");
  unattend();
});

test("progress fills no log where it is not wanted, a model's neither", () => {
  for (const [showProgress, count] of [
    [true, 11],
    [false, 1],
  ] as const) {
    const { program, lines, unattend } = attended({ showProgress });
    for (let done = 0; done <= 1_000; done += 10) {
      const progress = { done_bytes: done, total_bytes: 1_000, bytes_per_s: 10, eta_s: 1 };
      program.change({ job: jobOf({ kind: "pull", subject: "small", step: "downloading", progress }) });
    }
    expect(lines).toHaveLength(count);
    unattend();
  }
});
