import { textOf } from "../../core/network-error.ts";
import type { JobRun } from "./job-slot.ts";
import type { Program, Serving, Versions } from "./parts.ts";

/** A new version has to find its GPUs before it answers, which took real ones up to half of this. */
export const ANSWER_MS = 60_000;

export interface SwitchDeps {
  serving: Serving;
  versions: Versions;
  /** Resolves with a function that lets work in again, when no request runs any more. @throws when that takes too long */
  drain(signal: AbortSignal): Promise<() => void>;
  /** The whole program ends: nothing is started any more. A job alone that is cancelled goes back to what ran before. */
  ending: AbortSignal;
}

/**
 * Replaces what runs. A new version becomes current only when it has answered, so that a crash on the way leaves the old one;
 * where it does not answer, what ran before is started again. @throws with one line for a person
 */
export async function switchOver(
  next: Program,
  before: Program | undefined,
  run: JobRun,
  deps: SwitchDeps,
): Promise<void> {
  const { serving, ending } = deps;
  run.report({ step: "draining", progress: null, problem: null });
  const release = await deps.drain(run.signal);
  try {
    run.signal.throwIfAborted();
    run.report({ step: "starting" });
    await serving.stop();
    try {
      await takeOver(next, run, deps);
    } catch (error) {
      // Started anew with other rules: there is nothing to go back to, and it is tried again without end.
      if (before?.binary === next.binary) throw error;
      await serving.stop();
      if (before === undefined || ending.aborted) throw error;
      await goBack(before, error, deps);
    }
  } finally {
    release();
  }
}

async function takeOver(next: Program, run: JobRun, { serving, versions }: SwitchDeps): Promise<void> {
  try {
    await serving.start(next, ANSWER_MS, run.signal);
  } catch (cause) {
    throw new Error(`Ollama ${next.version} does not answer (${textOf(cause)})`, { cause });
  }
  if (next.own && (await versions.current())?.version !== next.version) await versions.switchTo(next.version);
}

async function goBack(before: Program, cause: unknown, { serving, ending }: SwitchDeps): Promise<never> {
  const why = textOf(cause);
  try {
    await serving.start(before, ANSWER_MS, ending);
  } catch (error) {
    throw new Error(
      `${why}; back on ${before.version}, which does not answer either (${textOf(error)}) and is tried again and again: see Ollama's log`,
      { cause },
    );
  }
  throw new Error(`${why}: back on ${before.version}`, { cause });
}
