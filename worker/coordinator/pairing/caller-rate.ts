import { PAIRING } from "../../../shared/api/pairing.ts";
import { SlidingWindow } from "../limits/sliding-window.ts";
import { callerGroup } from "./caller-group.ts";

/** Times that one caller may ask while a code holds: twice what can wait, for those that were rejected or started again. */
const MOST = 40;
/** Callers that are counted; of more, the ones that asked longest ago are forgotten. */
const MOST_CALLERS = 1_000;

/** How often each caller has asked. What was refused is not counted: it has cost nothing, and nobody is kept out longer by it. */
export class CallerRate {
  readonly #asked = new Map<string, SlidingWindow>();

  /** When this caller may ask again, ms; `now` when at once. */
  freeAt(address: string | null, now: number): number {
    return this.#asked.get(callerGroup(address))?.freeAt(now, MOST, 1) ?? now;
  }

  count(address: string | null, now: number): void {
    const group = callerGroup(address);
    const window = this.#asked.get(group) ?? new SlidingWindow(PAIRING.lifetime_ms);
    window.add(now, 1);
    this.#asked.delete(group);
    this.#asked.set(group, window);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST_CALLERS && oldest !== undefined) this.#asked.delete(oldest);
  }
}
