/** Beginnings of conversations that are remembered. */
const MOST = 10_000;

/** One running program of one machine: what it has in its caches dies with it. */
export interface Home {
  readonly agentId: string;
  readonly instanceId: string;
}

/** Which machine has answered which conversation last, and so has it in its cache. Bounded: the longest unused are forgotten. */
export class Affinity {
  readonly #homes = new Map<string, Home>();

  get size(): number {
    return this.#homes.size;
  }

  /**
   * Who knows the longest of these beginnings.
   * @param prefixes hashes, shortest first
   */
  find(prefixes: readonly string[]): Home | undefined {
    for (let at = prefixes.length - 1; at >= 0; at--) {
      const home = this.#homes.get(prefixes[at] ?? "");
      if (home !== undefined) return home;
    }
    return undefined;
  }

  remember(prefixes: readonly string[], home: Home): void {
    for (const prefix of prefixes) {
      this.#homes.delete(prefix);
      this.#homes.set(prefix, home);
    }
    for (const oldest of this.#homes.keys()) {
      if (this.#homes.size <= MOST) break;
      this.#homes.delete(oldest);
    }
  }
}
