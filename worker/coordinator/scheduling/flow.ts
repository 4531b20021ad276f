import type { Server } from "./fair-line.ts";
import { Smoothed } from "./smoothed.ts";

/** What one key has had of one kind. */
export interface Account {
  /** What a request costs. */
  readonly cost: Smoothed;
  /** Where the last one began, and the virtual time there at which all will have been paid for by the key's weight. */
  server: Server | undefined;
  time: number;
}

/** Kinds of requests of a key that are remembered. */
const MOST_KINDS = 1_000;

/** One key in the fair queue. */
export class Flow<Line> {
  weight = 1;
  /** Requests granted and not ended. */
  running = 0;
  /** Its lines, by demand. */
  readonly lines = new Map<object, Line>();
  readonly #accounts = new Map<string, Account>();

  account(kind: string): Account {
    let account = this.#accounts.get(kind);
    if (account === undefined) {
      if (this.#accounts.size >= MOST_KINDS) this.#accounts.clear();
      account = { cost: new Smoothed(), server: undefined, time: 0 };
      this.#accounts.set(kind, account);
    }
    return account;
  }

  /**
   * When a request that has not waited begins: at the present, or behind what the key has had of this kind lately.
   * @param most that it can be behind: time that nobody else wanted must not cost turns for long
   */
  start(kind: string, present: number, most: number): number {
    const { server, time } = this.account(kind);
    const debt = server === undefined ? 0 : time - server.present;
    return present + Math.min(Math.max(0, debt), most / this.weight);
  }
}
