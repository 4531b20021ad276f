import { isStub } from "../../shared/lib/cloud-stub.ts";
import { canonicalName, isCloudName } from "../../shared/lib/model-name.ts";
import type { Model } from "../../shared/protocol/messages.ts";

/** Knows which names lead to ollama.com: by their form, or as Ollama lists them. */
export class CloudModels {
  #models: readonly Model[] | undefined;
  #stubs: ReadonlySet<string> = new Set();

  /** @param models as Ollama lists them now; of the same list the names are made up once */
  has(name: string, models: readonly Model[] | undefined): boolean {
    if (isCloudName(name)) return true;
    if (models !== this.#models) {
      this.#models = models;
      this.#stubs = new Set((models ?? []).filter(isStub).map((model) => canonicalName(model.name)));
    }
    return this.#stubs.size > 0 && this.#stubs.has(canonicalName(name));
  }
}
