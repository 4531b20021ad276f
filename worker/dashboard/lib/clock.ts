import { type ReadonlySignal, signal } from "@preact/signals";

/** Milliseconds since the epoch, by the browser's clock; moves once a second, for every relative time on the page. */
const ticking = signal(Date.now());
setInterval(() => {
  if (!document.hidden) ticking.value = Date.now();
}, 1_000);
document.addEventListener("visibilitychange", () => {
  ticking.value = Date.now();
});

/** What the coordinator's clock is ahead of the browser's, ms: measured by the feed. */
export const clockOffset = signal(0);

export const seconds: ReadonlySignal<number> = ticking;

/** The coordinator's time now, ms since the epoch, to the second. */
export const coordinatorNow = (): number => ticking.value + clockOffset.value;
