import { TopLevelScan } from "../../../shared/lib/model-scan.ts";
import type { SearchScan } from "./search-scan.ts";

export interface Fault {
  code: "body_refused" | "owner_refused";
  reason: string;
}

export const TWO_MODELS: Fault = { code: "body_refused", reason: "the body names two different models" };

/** Why a body with this model is refused; undefined: it is not. */
export function forbiddenModel(name: string): Fault {
  return { code: "owner_refused", reason: `its owner does not allow models of ollama.com: ${name}` };
}

const NO_SEARCH: Fault = {
  code: "owner_refused",
  reason: "its owner does not allow searching the web on ollama.com",
};

export interface NameScanOptions {
  /** Keys that name models, in lower case. */
  keys: readonly string[];
  allows(model: string): boolean;
  /** Undefined where nothing can search the web. */
  search: SearchScan | undefined;
}

/** Looks in a JSON body for what its owner may not allow, while its bytes come in. */
export class NameScan {
  readonly #options: NameScanOptions;
  readonly #scan: TopLevelScan;

  constructor(options: NameScanOptions) {
    this.#options = options;
    this.#scan = new TopLevelScan(options.keys);
  }

  get done(): boolean {
    return this.#scan.done;
  }

  push(bytes: Uint8Array): void {
    this.#scan.push(bytes);
    this.#options.search?.push(bytes);
  }

  /** What is wrong with what has been seen. */
  get fault(): Fault | undefined {
    const { keys, allows, search } = this.#options;
    if (this.#scan.conflict) return TWO_MODELS;
    for (const key of keys) {
      const name = this.#scan.found.get(key);
      if (name !== undefined && !allows(name)) return forbiddenModel(name);
    }
    return search?.found === true ? NO_SEARCH : undefined;
  }
}
