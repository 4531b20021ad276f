import { PAIRING } from "../../../shared/api/pairing.ts";
import { SlidingWindow } from "../limits/sliding-window.ts";

/** Wrong codes while a code holds: enough for a person who mistypes, nothing against 1.6 billion. */
const MOST_WRONG = 10;

/** Codes that were typed and that no machine shows. */
export class Guesses {
  readonly #wrong = new SlidingWindow(PAIRING.lifetime_ms);

  wrong(now: number): void {
    this.#wrong.add(now, 1);
  }

  /** When a code may be typed again, ms; `now` when at once. */
  freeAt(now: number): number {
    return this.#wrong.freeAt(now, MOST_WRONG, 1);
  }
}
