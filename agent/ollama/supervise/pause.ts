import type { Clock } from "../../core/clock.ts";

/** Resolves after `ms`, or as soon as `sooner` does; true when the time was up. */
export function pause(clock: Clock, ms: number, sooner?: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(true));
    sooner?.then(() => {
      cancel();
      resolve(false);
    });
  });
}
