import type { Clock } from "../../core/clock.ts";

/** `work`, or a rejection after `ms`; what cannot be cancelled goes on unseen. @throws what `work` throws */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error(`nothing within ${ms / 1000} s`)));
    work.then(resolve, reject).finally(cancel);
  });
}
