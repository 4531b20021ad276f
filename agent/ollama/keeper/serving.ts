import type { Clock } from "../../core/clock.ts";
import type { Supervisor } from "../supervise/supervisor.ts";
import type { Program, Serving } from "./parts.ts";

export interface ServingOptions {
  supervisor: Pick<Supervisor, "start" | "stop" | "endNow" | "hung" | "state">;
  clock: Clock;
  /** Asked at each start. */
  allowCloud(): boolean;
}

/** The supervisor as a keeper uses it: one that does not answer in time has failed, though it goes on trying. */
export function servingOf({ supervisor, clock, allowCloud }: ServingOptions): Serving {
  return {
    get problem() {
      const { state } = supervisor;
      return state.type === "backoff" ? state.reason : undefined;
    },
    start: async ({ binary, version, own }: Program, withinMs, signal) => {
      signal.throwIfAborted();
      const { promise, reject } = Promise.withResolvers<never>();
      const cancel = clock.after(withinMs, () => reject(new Error(`no answer within ${withinMs / 1000} s`)));
      const aborted = (): void => reject(signal.reason);
      signal.addEventListener("abort", aborted, { once: true });
      try {
        const started = await Promise.race([
          supervisor.start({ binary, version, ofUser: !own, allowCloud: allowCloud() }),
          promise,
        ]);
        if (!started.ok) throw new Error(started.error);
      } finally {
        cancel();
        signal.removeEventListener("abort", aborted);
      }
    },
    stop: () => supervisor.stop(),
    endNow: () => supervisor.endNow(),
    hung: () => supervisor.hung(),
  };
}
