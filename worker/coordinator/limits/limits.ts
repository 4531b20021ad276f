import type { KeyUsageView } from "../../../shared/api/keys.ts";
import type { Deps, Timer } from "../deps.ts";
import type { StoredKey, StoredUsage } from "../store.ts";
import {
  type KeyLimits,
  KeyUsage,
  type LimitName,
  type Place,
  type Reached,
  type Used,
} from "./key-usage.ts";

/** How long a place waits for the next attempt of a request whose agent was lost, ms: the edge sends it at once. */
const HOLD_MS = 10_000;

const NOTHING: Used = { tokens: 0, exact: true, durationMs: 0 };

/** A request that wants to begin. */
export interface Entrant {
  id: string;
  key_id: string;
  /** Bytes of its body; -1 unknown. */
  contentLength: number;
  /** 1 for the first. */
  attempt: number;
}

/**
 * A request's right to run. Its one owner calls `done` or `hold` when the attempt has ended, on every path; whichever comes
 * first counts.
 */
export interface Pass {
  /** The request is over: its place is free. */
  done(used: Used): void;
  /** The attempt is over and the request is not: its place stays its own until it comes again, for 10 s. */
  hold(): void;
}

export type Admission =
  | { kind: "admitted"; pass: Pass }
  | { kind: "refused"; code: "rate_limited"; message: string; retryAfterS: number };

interface Key {
  readonly usage: KeyUsage;
  /** Places of requests between two attempts, by the request's id. Ids are the coordinator's own: no two requests have the same. */
  readonly held: Map<string, { place: Place; timer: Timer }>;
}

/** What keys may use, and have used. The only code that counts it. */
export class Limits {
  readonly #deps: Pick<Deps, "clock" | "store" | "log">;
  readonly #changed: () => void;
  readonly #keys = new Map<string, Key>();
  /** Ids of keys whose usage the store does not have yet. */
  readonly #unsaved = new Set<string>();

  /** @param changed there is something to save, within a second */
  constructor(deps: Pick<Deps, "clock" | "store" | "log">, changed: () => void) {
    this.#deps = deps;
    this.#changed = changed;
  }

  restore(rows: readonly StoredUsage[], now: number): void {
    for (const row of rows) {
      const usage = KeyUsage.restore(row.usage, now);
      if (usage !== undefined) this.#keys.set(row.key_id, { usage, held: new Map() });
      else this.#deps.log.warn("what a key has used cannot be read; counted anew", { key_id: row.key_id });
    }
  }

  /** Lets a request in and counts it, or says which limit is in the way; what is refused is not counted. */
  admit(entrant: Entrant, limits: StoredKey, now: number): Admission {
    const key = this.#key(entrant.key_id);
    const { usage, held } = key;
    usage.follow(limits);
    const hold = held.get(entrant.id);
    if (hold !== undefined) {
      hold.timer.cancel();
      held.delete(entrant.id);
      return { kind: "admitted", pass: this.#pass(entrant, key, hold.place) };
    }
    // A later attempt without a place: the object that held it was restarted, or it took its time.
    const counted = entrant.attempt === 1;
    const reached = usage.reached(limits, entrant.contentLength, counted, now);
    if (reached !== undefined) return refusal(reached, now);
    const place = usage.begin(entrant.contentLength, counted, now);
    this.#mark(entrant.key_id, key);
    return { kind: "admitted", pass: this.#pass(entrant, key, place) };
  }

  #key(id: string): Key {
    let key = this.#keys.get(id);
    if (key === undefined) {
      key = { usage: new KeyUsage(), held: new Map() };
      this.#keys.set(id, key);
    }
    return key;
  }

  #pass({ id, key_id }: Entrant, key: Key, place: Place): Pass {
    let over = false;
    const end = (used: Used): void => {
      key.usage.end(place, used, this.#deps.clock.now());
      this.#mark(key_id, key);
    };
    return {
      done: (used) => {
        if (over) return;
        over = true;
        end(used);
      },
      hold: () => {
        if (over) return;
        over = true;
        // Nobody will come for a place of a key that is gone, and of two under one id only one could be taken over.
        if (this.#keys.get(key_id) !== key || key.held.has(id)) {
          end(NOTHING);
          return;
        }
        const timer = this.#deps.clock.after(HOLD_MS, () => {
          key.held.delete(id);
          end(NOTHING);
        });
        key.held.set(id, { place, timer });
      },
    };
  }

  /** A request between two attempts does not come again: its place, if it has one, is free. */
  drop(keyId: string, id: string): void {
    const key = this.#keys.get(keyId);
    const hold = key?.held.get(id);
    if (key === undefined || hold === undefined) return;
    hold.timer.cancel();
    key.held.delete(id);
    key.usage.end(hold.place, NOTHING, this.#deps.clock.now());
    this.#mark(keyId, key);
  }

  /** What counts now against a key's limits. */
  counted(keyId: string, limits: KeyLimits): KeyUsageView {
    const usage = this.#keys.get(keyId)?.usage;
    return usage?.counted(limits, this.#deps.clock.now()) ?? { rpm: 0, tpm: 0, tpd: 0, concurrent: 0 };
  }

  /** A key is deleted: what it used is forgotten, and what still runs with it ends without being counted. */
  forget(keyId: string): void {
    for (const { timer } of this.#keys.get(keyId)?.held.values() ?? []) timer.cancel();
    this.#keys.delete(keyId);
    this.#unsaved.delete(keyId);
  }

  #mark(id: string, key: Key): void {
    if (this.#keys.get(id) !== key || !key.usage.lasting) return;
    this.#unsaved.add(id);
    this.#changed();
  }

  /** What keys have used since it was last written down. */
  saved(): StoredUsage[] {
    return [...this.#unsaved].flatMap((id): StoredUsage[] => {
      const usage = this.#keys.get(id)?.usage;
      return usage === undefined ? [] : [{ key_id: id, usage: usage.saved() }];
    });
  }

  /** @throws when the store does not take it; it is then still to be saved */
  save(): void {
    const rows = this.saved();
    if (rows.length > 0) this.#deps.store.saveUsage(rows);
    this.#unsaved.clear();
  }

  /** What is counted of each key right now, for tests. */
  gauge(): Record<string, { running: number; held: number; reserved: number }> {
    return Object.fromEntries(
      [...this.#keys].map(([id, { usage, held }]) => [
        id,
        { running: usage.places - held.size, held: held.size, reserved: usage.reserved },
      ]),
    );
  }
}

const WHAT: Record<LimitName, string> = {
  rpm: "requests per minute",
  tpm: "tokens per minute",
  tpd: "tokens per day",
  max_concurrency: "requests at once",
};

function refusal({ limit, value, freeAt }: Reached, now: number): Admission {
  const retryAfterS = Math.max(1, Math.ceil((freeAt - now) / 1_000));
  const about = limit === "max_concurrency" ? "about " : "";
  return {
    kind: "refused",
    code: "rate_limited",
    message: `the key's limit of ${value} ${WHAT[limit]} (${limit}) is reached; free again in ${about}${retryAfterS} s`,
    retryAfterS,
  };
}
