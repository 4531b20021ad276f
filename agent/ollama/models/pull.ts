import type { Clock } from "../../core/clock.ts";
import { OllamaTarget } from "../../core/forwarder/ollama-target.ts";
import { textOf } from "../../core/network-error.ts";
import type { Progress } from "../progress.ts";
import { AttemptError, adviceFor, PullError } from "./pull-error.ts";
import { pullOnce } from "./pull-once.ts";
import { PullProgress } from "./pull-progress.ts";

/** Before each further attempt, milliseconds. */
export const PULL_RETRY_MS = [1_000, 2_000, 4_000, 8_000, 16_000] as const;

/** Ollama tells of each layer sixteen times a second. */
const TELL_MS = 250;

export interface PullOptions {
  ollamaUrl: string;
  model: string;
}

export interface PullDeps {
  clock: Clock;
  /** Ends the pull; what Ollama has downloaded stays for the next one. */
  signal: AbortSignal;
  /**
   * At most four times a second, and once at the end. `progress`: null before the size is known; its total grows while Ollama
   * tells of further layers. `problem`: why it waits for another attempt.
   */
  observe(progress: Progress | null, problem: string | null): void;
}

/**
 * Lets Ollama pull a model and waits for its word that the model is there. A connection that is lost is taken up again: Ollama
 * goes on with the layers that it has begun.
 * @throws PullError
 */
export async function pullModel(options: PullOptions, deps: PullDeps): Promise<void> {
  const { clock, signal, observe } = deps;
  const target = new OllamaTarget(options.ollamaUrl);
  const progress = new PullProgress();
  let toldAt = Number.NEGATIVE_INFINITY;
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await pullOnce(target, options.model, {
          clock,
          signal,
          take: (line) => {
            const now = clock.now();
            progress.take(line, now);
            if (now - toldAt < TELL_MS) return;
            toldAt = now;
            observe(progress.value, null);
          },
        });
        observe(progress.value, null);
        return;
      } catch (error) {
        const failed = error instanceof AttemptError ? error : new AttemptError(textOf(error), true);
        const waitMs = PULL_RETRY_MS[attempt];
        if (signal.aborted || !failed.retry || waitMs === undefined) {
          throw failure(options.model, failed, signal, attempt);
        }
        progress.interrupted();
        observe(progress.value, `${failed.message}; trying again in ${waitMs / 1_000} s`);
        await pause(clock, waitMs, signal);
      }
    }
  } finally {
    target.close();
  }
}

function failure(model: string, error: AttemptError, signal: AbortSignal, attempts: number): PullError {
  if (signal.aborted) return new PullError("cancelled", `the pull of ${model} was cancelled`, signal.reason);
  if (!error.retry) {
    return new PullError("refused", `cannot pull ${model} (${error.message}): ${adviceFor(error.message)}`);
  }
  return new PullError(
    "lost",
    `cannot pull ${model} (${error.message}; tried ${attempts + 1} times): check that Ollama runs and reaches its registry, and pull again, which goes on where it was`,
  );
}

/** Ends early when the signal says so; the next attempt then sees it. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
