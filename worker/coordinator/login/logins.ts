import { SlidingWindow } from "../limits/sliding-window.ts";
import { callerGroup } from "../pairing/caller-group.ts";
import type { Recorder } from "../recorder.ts";

/** Wrong tokens of one caller in the window: enough for a person who mistypes, few for a program that guesses. */
const MOST_WRONG = 10;
const WINDOW_MS = 600_000;
/** Callers that are counted; of more, the ones that failed longest ago are forgotten. */
const MOST_CALLERS = 1_000;
/** Events about wrong tokens in the window, whoever sends them: a flood from many addresses must not fill the history. */
const MOST_EVENTS = 100;

/** Counts tokens that were wrong, by who sent them, and writes down who comes and goes. */
export class Logins {
  readonly #recorder: Pick<Recorder, "event">;
  readonly #wrong = new Map<string, SlidingWindow>();
  readonly #told = new SlidingWindow(WINDOW_MS);

  constructor(recorder: Pick<Recorder, "event">) {
    this.#recorder = recorder;
  }

  /** When this caller may guess again, ms; `now` when at once. */
  freeAt(address: string | null, now: number): number {
    return this.#wrong.get(callerGroup(address))?.freeAt(now, MOST_WRONG, 1) ?? now;
  }

  /** A wrong token. Told are a caller's first one and the one that is its last for now. */
  failed(address: string | null, now: number): void {
    const group = callerGroup(address);
    const window = this.#wrong.get(group) ?? new SlidingWindow(WINDOW_MS);
    window.add(now, 1);
    this.#wrong.delete(group);
    this.#wrong.set(group, window);
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MOST_CALLERS && oldest !== undefined) this.#wrong.delete(oldest);
    const attempts = window.sum(now);
    if (attempts !== 1 && attempts !== MOST_WRONG) return;
    if (this.#told.freeAt(now, MOST_EVENTS, 1) > now) return;
    this.#told.add(now, 1);
    const limited = attempts === MOST_WRONG;
    this.#recorder.event("login_failed", null, { caller_address: address, attempts, limited });
  }
}
