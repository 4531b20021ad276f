import type { Clock } from "../../worker/coordinator/deps.ts";
import { type Admission, Limits } from "../../worker/coordinator/limits/limits.ts";
import { fakeDeps } from "../../worker/coordinator/testing/bench.ts";
import type { Demand } from "./arrivals.ts";
import { keysOf } from "./keys.ts";
import type { Scenario } from "./scenario.ts";

/** Of English text, about; the coordinator sees a body's size long before its tokens. */
const BYTES_PER_TOKEN = 4;

/** The brain's own limits, with the keys of a scenario: what every attempt passes before it gets into the line. */
export class Gate {
  readonly #clock: Clock;
  readonly #keys: ReturnType<typeof keysOf>;
  readonly #limits: Limits;

  constructor(scenario: Scenario, clock: Clock) {
    this.#clock = clock;
    this.#keys = keysOf(scenario);
    const { store, log } = fakeDeps();
    this.#limits = new Limits({ clock, store, log }, () => {});
  }

  /**
   * @param id the request's own, the same for all its attempts
   * @param attempt 1 for the first
   */
  admit({ key: name, promptTokens }: Demand, id: string, attempt: number): Admission {
    const key = this.#keys.get(name);
    if (key === undefined) throw new Error(`no key ${name}`);
    const entrant = { id, key_id: key.id, contentLength: promptTokens * BYTES_PER_TOKEN, attempt };
    return this.#limits.admit(entrant, key, this.#clock.now());
  }
}
