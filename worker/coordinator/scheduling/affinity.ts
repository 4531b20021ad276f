/** Beginnings of conversations that are remembered. */
const MOST = 10_000;

/** Which machine has answered which conversation last, and so has it in its cache. Bounded: the longest unused are forgotten. */
export class Affinity {
  readonly #machines = new Map<string, string>();

  get size(): number {
    return this.#machines.size;
  }

  /**
   * The machine that knows the longest of these beginnings.
   * @param prefixes hashes, shortest first
   * @returns what `remember` was given: names one running program, so that a machine that was lost is not found
   */
  find(prefixes: readonly string[]): string | undefined {
    for (let at = prefixes.length - 1; at >= 0; at--) {
      const machine = this.#machines.get(prefixes[at] ?? "");
      if (machine !== undefined) return machine;
    }
    return undefined;
  }

  remember(prefixes: readonly string[], machine: string): void {
    for (const prefix of prefixes) {
      this.#machines.delete(prefix);
      this.#machines.set(prefix, machine);
    }
    for (const oldest of this.#machines.keys()) {
      if (this.#machines.size <= MOST) break;
      this.#machines.delete(oldest);
    }
  }
}
