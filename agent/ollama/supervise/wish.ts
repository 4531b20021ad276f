/** Something that is asked for once, from outside. */
export class Wish {
  /** Resolves when it is. */
  readonly made: Promise<void>;
  #isMade = false;
  #resolve: () => void = () => {};

  constructor() {
    this.made = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isMade(): boolean {
    return this.#isMade;
  }

  make(): void {
    this.#isMade = true;
    this.#resolve();
  }
}
