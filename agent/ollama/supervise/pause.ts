import type { Clock } from "../../core/clock.ts";

/** Resolves after `ms`, or as soon as `sooner` does, which should not be for long after: it keeps this until then. */
export function pause(clock: Clock, ms: number, sooner?: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    sooner?.then(() => {
      cancel();
      resolve();
    });
  });
}
