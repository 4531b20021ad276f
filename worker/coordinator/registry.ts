import { Agent } from "./agent.ts";
import { type Holders, ModelIndex } from "./scheduling/model-index.ts";
import type { StoredAgent } from "./store.ts";

/** All agents that are registered, by id and by name. */
export class Registry {
  readonly #agents = new Map<string, Agent>();
  readonly #index = new ModelIndex();
  readonly #touched: (agent: Agent) => void;

  /** @param touched anything that is shown of an agent has changed, or it has come or gone; called very often */
  constructor(touched: (agent: Agent) => void = () => {}) {
    this.#touched = touched;
  }

  /** To be walked any number of times: an iterator, used up by the first of two waiting requests, showed the second no agent. */
  all(): Iterable<Agent> {
    return { [Symbol.iterator]: () => this.#agents.values() };
  }
  get size(): number {
    return this.#agents.size;
  }

  get(id: string): Agent | undefined {
    return this.#agents.get(id);
  }

  /** By name (as Windows and DNS do, case does not matter) or id: what `X-Agent` may say. */
  find(nameOrId: string): Agent | undefined {
    const wanted = nameOrId.toLowerCase();
    for (const agent of this.#agents.values()) {
      if (agent.id === wanted || agent.name.toLowerCase() === wanted) return agent;
    }
    return undefined;
  }

  add(record: StoredAgent): Agent {
    const agent = new Agent(record, this.#index, this.#touched);
    this.#agents.set(record.id, agent);
    agent.touch();
    return agent;
  }

  remove(id: string): void {
    const agent = this.#agents.get(id);
    agent?.leave();
    this.#agents.delete(id);
    agent?.touch();
  }

  /** Registered machines that list a model, online or not; `model` canonical. */
  holders(model: string): Holders {
    return this.#index.holders(model);
  }

  /** Whether any machine has this model to give; `model` canonical. */
  offers(model: string): boolean {
    const { loaded, cold } = this.holders(model);
    return loaded.replicas.length + cold.replicas.length > 0;
  }

  /** `wanted`, or `wanted-2`, `-3`, … when it is taken. */
  freeName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.find(name) !== undefined; number++) name = `${wanted}-${number}`;
    return name;
  }
}
