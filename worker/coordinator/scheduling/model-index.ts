import type { Agent } from "../agent.ts";
import { ModelFigures, type Replica } from "./replica.ts";

/** Replicas of one model, to be looked at from another one each time; adding and removing are O(1). */
export class ReplicaList {
  /** Beside the replicas, since most are passed over for what their agent is, and agents are fewer than replicas: memory is slow. */
  readonly agents: Agent[] = [];
  readonly replicas: Replica[] = [];
  readonly #places = new Map<Replica, number>();
  #start = 0;

  /** Where the next look begins. A look at a thousand machines stops when it has seen enough: it must not see the same each time. */
  get start(): number {
    this.#start = this.replicas.length === 0 ? 0 : (this.#start + 1) % this.replicas.length;
    return this.#start;
  }

  add(replica: Replica): void {
    if (this.#places.has(replica)) return;
    this.#places.set(replica, this.replicas.length);
    this.replicas.push(replica);
    this.agents.push(replica.agent);
  }

  remove(replica: Replica): void {
    const place = this.#places.get(replica);
    if (place === undefined) return;
    this.#places.delete(replica);
    const last = this.replicas.pop();
    this.agents.pop();
    if (last === undefined || last === replica) return;
    this.replicas[place] = last;
    this.agents[place] = last.agent;
    this.#places.set(last, place);
  }
}

/** Who lists a model, online or not: those that have it in memory, and the others. */
export interface Holders {
  readonly loaded: ReplicaList;
  readonly cold: ReplicaList;
}

const NOBODY: Holders = { loaded: new ReplicaList(), cold: new ReplicaList() };

/** Which machines have a model: found without asking all machines. */
export class ModelIndex {
  readonly #models = new Map<string, Holders & { figures: ModelFigures }>();

  /** @param model canonical name */
  holders(model: string): Holders {
    return this.#models.get(model) ?? NOBODY;
  }

  figures(model: string): ModelFigures {
    return this.#models.get(model)?.figures ?? new ModelFigures();
  }

  /** Puts it where it belongs now. */
  put(replica: Replica): void {
    let known = this.#models.get(replica.model);
    if (known === undefined) {
      known = { loaded: new ReplicaList(), cold: new ReplicaList(), figures: replica.figures };
      this.#models.set(replica.model, known);
    }
    const [here, elsewhere] =
      replica.loaded === undefined ? [known.cold, known.loaded] : [known.loaded, known.cold];
    elsewhere.remove(replica);
    here.add(replica);
  }

  remove(replica: Replica): void {
    const known = this.#models.get(replica.model);
    known?.loaded.remove(replica);
    known?.cold.remove(replica);
    if (known !== undefined && known.loaded.replicas.length + known.cold.replicas.length === 0) {
      this.#models.delete(replica.model);
    }
  }
}
