import type { Clock } from "../../core/clock.ts";
import { aborted, InstallError, type InstallErrorCode } from "../install-error.ts";

/** Something that another attempt may get past. */
export class TransientError extends Error {
  override readonly name = "TransientError";
}

export interface RetrySettings {
  maxRetries: number;
  maxBackoffSecs: number;
}

export interface RetryDeps {
  clock: Clock;
  signal: AbortSignal;
  retry: RetrySettings;
  /** Called before each wait; one line for a person. */
  onProblem: (problem: string) => void;
}

/** Seconds before retry `index` (from 0): 1, 2, 4, 8, 16, then the longest wait (FR-016e). */
export function waitSecs(index: number, maxBackoffSecs: number): number {
  return index < 5 ? Math.min(2 ** index, maxBackoffSecs) : maxBackoffSecs;
}

/**
 * Runs `attempt` again for as long as it throws a TransientError and the budget lasts.
 * @throws InstallError of `code` once the budget is used up, or what else `attempt` throws
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  deps: RetryDeps,
  code: InstallErrorCode = "network",
): Promise<T> {
  for (let index = 0; ; index++) {
    try {
      return await attempt();
    } catch (error) {
      if (deps.signal.aborted) throw aborted();
      if (!(error instanceof TransientError)) throw error;
      const { maxRetries, maxBackoffSecs } = deps.retry;
      if (index >= maxRetries) {
        throw new InstallError(
          code,
          `${error.message} (given up after ${maxRetries} retries); try again later`,
          {
            cause: error,
          },
        );
      }
      const secs = waitSecs(index, maxBackoffSecs);
      deps.onProblem(`${error.message}; retry ${index + 1} of ${maxRetries} in ${secs} s`);
      await pause(secs * 1_000, deps);
    }
  }
}

function pause(ms: number, { clock, signal }: RetryDeps): Promise<void> {
  if (signal.aborted) return Promise.reject(aborted());
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(aborted());
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
