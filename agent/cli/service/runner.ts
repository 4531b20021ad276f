import { execFile } from "node:child_process";
import { CommandError } from "../complain.ts";

export interface Ran {
  /** 0: it went well. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program of the system and waits for it. */
export type Runner = (program: string, args: readonly string[]) => Promise<Ran>;

/** Stopping waits for an agent that finishes what it answers. */
const COMMAND_MS = 120_000;

/** @throws CommandError when there is no such program */
export const systemRunner: Runner = (program, args) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: COMMAND_MS, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(new CommandError(`cannot run ${program} (${error.code ?? error.signal ?? error.message})`));
    });
  });

/** The same, where anything but success is the end. @throws CommandError with what the program said */
export async function mustRun(run: Runner, program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split(/\r?\n/).join("; ");
  throw new CommandError(`${[program, ...args].join(" ")} failed (${code}): ${said || "without a word"}`);
}
