import { ModelFigures, type Replica } from "./replica.ts";

const NOBODY: ReadonlySet<Replica> = new Set();

/** Which machines have a model: found without asking all machines. */
export class ModelIndex {
  readonly #models = new Map<string, { replicas: Set<Replica>; figures: ModelFigures }>();

  /** @param model canonical name */
  holders(model: string): ReadonlySet<Replica> {
    return this.#models.get(model)?.replicas ?? NOBODY;
  }

  figures(model: string): ModelFigures {
    return this.#models.get(model)?.figures ?? new ModelFigures();
  }

  add(replica: Replica): void {
    const known = this.#models.get(replica.model);
    if (known === undefined) {
      this.#models.set(replica.model, { replicas: new Set([replica]), figures: replica.figures });
    } else known.replicas.add(replica);
  }

  remove(replica: Replica): void {
    const known = this.#models.get(replica.model);
    known?.replicas.delete(replica);
    if (known?.replicas.size === 0) this.#models.delete(replica.model);
  }
}
