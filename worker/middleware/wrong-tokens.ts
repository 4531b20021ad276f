import { SlidingWindow } from "../coordinator/limits/sliding-window.ts";
import { callerGroup } from "../coordinator/pairing/caller-group.ts";
import type { AppContext, Host } from "../host.ts";

/** Wrong ones of one caller in the window, as the object counts them. */
const MOST_WRONG = 10;
const WINDOW_MS = 600_000;
/** Callers that are counted; beyond that the oldest go. */
const MOST_CALLERS = 1_000;

/** Counts here, without asking the object, what callers sent that was wrong. */
export class WrongTokens {
  readonly #hosts = new WeakMap<Host, Map<string, SlidingWindow>>();

  /** How long this caller has to wait until the next is looked at, ms; 0: it is. */
  waitMs(c: AppContext): number {
    const host = c.get("host");
    const now = Date.now();
    const window = this.#hosts.get(host)?.get(callerGroup(host.callerAddress(c)));
    return window === undefined ? 0 : window.freeAt(now, MOST_WRONG, 1) - now;
  }

  count(c: AppContext): void {
    const host = c.get("host");
    const known = this.#hosts.get(host) ?? new Map<string, SlidingWindow>();
    this.#hosts.set(host, known);
    const group = callerGroup(host.callerAddress(c));
    const window = known.get(group) ?? new SlidingWindow(WINDOW_MS);
    window.add(Date.now(), 1);
    known.delete(group);
    known.set(group, window);
    const [oldest] = known.keys();
    if (known.size > MOST_CALLERS && oldest !== undefined) known.delete(oldest);
  }
}
