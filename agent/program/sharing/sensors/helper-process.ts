import { type ChildProcess, spawn } from "node:child_process";
import type { Clock } from "../../../core/clock.ts";

/** The first answer comes after the program has started, which takes PowerShell seconds. */
const ANSWER_MS = 15_000;
/** One that ended is not started again sooner, ms: where it cannot work it would be started for ever. */
export const RESTART_MS = 60_000;

export interface HelperOptions {
  command: string;
  args: readonly string[];
  /** Written to it once, before the first question. */
  prologue?: string;
  /** What is written to it for an answer, with its line break. */
  question: string;
  clock: Clock;
}

/**
 * A program that answers each question with one line, for as long as it is asked: starting it for every question would cost more
 * than what it finds out. It is to end when its input does.
 */
export class HelperProcess {
  readonly #options: HelperOptions;
  #child: ChildProcess | undefined;
  #endedAt: number | undefined;
  #line = "";
  #pending: { promise: Promise<string | undefined>; settle: (line: string | undefined) => void } | undefined;
  #closed = false;

  constructor(options: HelperOptions) {
    this.#options = options;
  }

  /** Undefined where it cannot be started, has ended or says nothing. Questions at the same time share an answer. */
  ask(): Promise<string | undefined> {
    if (this.#pending !== undefined) return this.#pending.promise;
    const child = this.#child ?? this.#start();
    if (child === undefined) return Promise.resolve(undefined);
    let settle = (_line: string | undefined): void => {};
    const promise = new Promise<string | undefined>((resolve) => {
      const cancel = this.#options.clock.after(ANSWER_MS, () => {
        // What it might still say would be taken for the answer to the next question.
        settle(undefined);
        child.kill();
      });
      settle = (line) => {
        cancel();
        this.#pending = undefined;
        resolve(line);
      };
    });
    this.#pending = { promise, settle };
    child.stdin?.write(this.#options.question);
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#pending?.settle(undefined);
    this.#child?.stdin?.end();
    this.#child?.kill();
  }

  #start(): ChildProcess | undefined {
    const { command, args, clock, prologue } = this.#options;
    if (this.#closed) return undefined;
    if (this.#endedAt !== undefined && clock.now() - this.#endedAt < RESTART_MS) return undefined;
    const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "ignore"], windowsHide: true });
    this.#child = child;
    this.#line = "";
    const ended = (): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#endedAt = clock.now();
      this.#pending?.settle(undefined);
    };
    child.on("error", ended);
    child.on("exit", ended);
    // It may end while it is written to; that it has ended is all that matters.
    child.stdin?.on("error", () => {});
    if (prologue !== undefined) child.stdin?.write(prologue);
    child.stdout?.setEncoding("utf8");
    child.stdout?.on("data", (text: string) => this.#take(child, text));
    return child;
  }

  #take(child: ChildProcess, text: string): void {
    if (this.#child !== child) return;
    this.#line += text;
    const end = this.#line.indexOf("\n");
    if (end < 0) return;
    const line = this.#line.slice(0, end).trim();
    this.#line = "";
    this.#pending?.settle(line);
  }
}
