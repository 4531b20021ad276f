import type { Sample } from "../../../shared/api/metrics.ts";
import { Tally } from "./tally.ts";

interface Used {
  requests: number;
  prompt: number;
  completion: number;
  /** Under which it was shown last. */
  name: string | undefined;
}

const nothing = (): Used => ({ requests: 0, prompt: 0, completion: 0, name: undefined });

/** Under this name stands what has no name of its own. */
export const OTHER = "other";

/** What each key or machine has had, by its id; bounded, however many come and go. */
export class UsedBy {
  readonly #label: string;
  readonly #most: number;
  readonly #byId = new Map<string, Used>();
  /** Of those that were too many. */
  readonly #rest = nothing();

  /** @param most ids that are counted one by one; a scrape of more helps nobody */
  constructor(label: string, most: number) {
    this.#label = label;
    this.#most = most;
  }

  count(id: string, prompt: number, completion: number): void {
    add(this.#of(id), { requests: 1, prompt, completion, name: undefined });
  }

  #of(id: string): Used {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    if (this.#byId.size >= this.#most) return this.#rest;
    const fresh = nothing();
    this.#byId.set(id, fresh);
    return fresh;
  }

  /**
   * @param nameOf by id; undefined: it is gone, and so is its counter. Added to another it would look like all of its requests at
   * this moment; only one of the same name has to take it over, whose counter would go back.
   */
  samples(nameOf: (id: string) => string | undefined): { requests: Sample[]; tokens: Sample[] } {
    const requests = new Tally(this.#label);
    const tokens = new Tally(this.#label, "kind");
    const show = (name: string, used: Used): void => {
      requests.add(used.requests, name);
      tokens.add(used.prompt, name, "prompt");
      tokens.add(used.completion, name, "completion");
    };
    const heirs = new Map<string, Used>();
    const gone: Used[] = [];
    for (const [id, used] of this.#byId) {
      const name = nameOf(id);
      if (name === undefined) {
        gone.push(used);
        this.#byId.delete(id);
      } else {
        used.name = name;
        heirs.set(name, used);
      }
    }
    for (const used of gone) {
      const heir = used.name === undefined ? undefined : heirs.get(used.name);
      if (heir !== undefined) add(heir, used);
    }
    for (const used of this.#byId.values()) if (used.name !== undefined) show(used.name, used);
    if (this.#rest.requests > 0) show(OTHER, this.#rest);
    return { requests: requests.samples(), tokens: tokens.samples() };
  }
}

function add(to: Used, more: Used): void {
  to.requests += more.requests;
  to.prompt += more.prompt;
  to.completion += more.completion;
}
