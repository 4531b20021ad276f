import { textOf } from "../../core/network-error.ts";
import type { JobRun } from "./job-slot.ts";
import type { Installed, Serving, Versions } from "./parts.ts";

/** A new version has to find its GPUs before it answers, which took real ones up to half of this. */
export const ANSWER_MS = 60_000;

export interface SwitchDeps {
  serving: Serving;
  versions: Versions;
  /** Resolves with a function that lets work in again, when no request runs any more. @throws when that takes too long */
  drain(signal: AbortSignal): Promise<() => void>;
}

/**
 * Replaces the version that runs. The new one becomes current only when it has answered, so that a crash on the way leaves
 * the old one; where it does not answer, the old one is started again. @throws with one line for a person
 */
export async function switchOver(next: Installed, run: JobRun, deps: SwitchDeps): Promise<void> {
  const { serving, versions } = deps;
  const before = await versions.current();
  run.report({ step: "draining", progress: null, problem: null });
  const release = await deps.drain(run.signal);
  try {
    run.report({ step: "starting" });
    await serving.stop();
    try {
      await serving.start({ ...next, own: true }, ANSWER_MS);
    } catch (error) {
      await serving.stop();
      const why = `Ollama ${next.version} does not answer (${textOf(error)})`;
      if (before === undefined || before.version === next.version) throw new Error(why, { cause: error });
      await serving.start({ ...before, own: true }, ANSWER_MS);
      throw new Error(`${why}: back on ${before.version}`, { cause: error });
    }
    if (before?.version !== next.version) await versions.switchTo(next.version);
  } finally {
    release();
  }
}
