const LINES = 300;

/** The newest lines of what happened, for a window that is opened afterwards. */
export class RecentLog {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
