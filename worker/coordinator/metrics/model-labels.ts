import { canonicalName } from "../../../shared/lib/model-name.ts";
import { OTHER } from "./used-by.ts";

/** Names of models in one scrape: machines choose theirs, and one that makes them up must not fill a database. */
const MOST = 200;

/** Under which name a request's model is counted. */
export class ModelLabels {
  readonly #knows: (canonical: string) => boolean;
  readonly #given = new Set<string>();

  /** @param knows whether a name is one of the fleet's models, an alias or a fallback */
  constructor(knows: (canonical: string) => boolean) {
    this.#knows = knows;
  }

  /** Clients send any text as a model's name: what nobody has is `other`. Empty: the request names none. */
  of(model: string | null): string {
    if (model === null) return "";
    const name = canonicalName(model);
    if (this.#given.has(name)) return name;
    if (this.#given.size >= MOST || !this.#knows(name)) return OTHER;
    this.#given.add(name);
    return name;
  }
}
