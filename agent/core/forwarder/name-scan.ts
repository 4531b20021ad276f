import { TopLevelScan } from "../../../shared/lib/model-scan.ts";

export interface Fault {
  code: "body_refused" | "owner_refused";
  reason: string;
}

export const TWO_MODELS: Fault = { code: "body_refused", reason: "the body names two different models" };

/** Why a body with this model is refused; undefined: it is not. */
export function forbiddenModel(name: string): Fault {
  return { code: "owner_refused", reason: `its owner does not allow models of ollama.com: ${name}` };
}

/** Looks for models in a JSON body while its bytes come in. */
export class NameScan {
  readonly #scan: TopLevelScan;
  readonly #keys: readonly string[];
  readonly #allows: (model: string) => boolean;

  constructor(keys: readonly string[], allows: (model: string) => boolean) {
    this.#keys = keys;
    this.#allows = allows;
    this.#scan = new TopLevelScan(keys);
  }

  get done(): boolean {
    return this.#scan.done;
  }

  push(bytes: Uint8Array): void {
    this.#scan.push(bytes);
  }

  /** What is wrong with what has been seen. */
  get fault(): Fault | undefined {
    if (this.#scan.conflict) return TWO_MODELS;
    for (const key of this.#keys) {
      const name = this.#scan.found.get(key);
      if (name !== undefined && !this.#allows(name)) return forbiddenModel(name);
    }
    return undefined;
  }
}
