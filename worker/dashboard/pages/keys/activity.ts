import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { feed } from "../../lib/feed.ts";

/** A request that has just ended is in the statistics this much later, ms; meanwhile others may end. */
const SETTLE_MS = 1_500;

/** Counts up a moment after requests began or ended: what is used has changed. Waits while nobody looks. */
export function useActivity(): number {
  const turn = useSignal(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let known: string | undefined;
    let isDue = false;
    const plan = (): void => {
      if (!isDue || document.hidden) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        isDue = false;
        turn.value++;
      }, SETTLE_MS);
    };
    const stop = feed.now.subscribe(({ total_requests, running, waiting }) => {
      const seen = `${total_requests} ${running} ${waiting}`;
      isDue ||= known !== undefined && seen !== known;
      known = seen;
      plan();
    });
    document.addEventListener("visibilitychange", plan);
    return () => {
      stop();
      document.removeEventListener("visibilitychange", plan);
      clearTimeout(timer);
    };
  }, []);
  return turn.value;
}
