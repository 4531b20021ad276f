import type { Terminal } from "./terminal.ts";

const CLEAR_DOWN = "\u001b[J";

/**
 * A few lines of a terminal that are drawn again in place; what stood above stays. The cursor is not hidden: then nothing has
 * to be put right however the program ends.
 */
export class LiveScreen {
  readonly #terminal: Terminal;
  readonly #endResize: () => void;
  #lines: () => string[] = () => [];
  /** Lines that the last drawing took. */
  #height = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#endResize = terminal.onResize(() => this.#redraw());
  }

  /** Draws these from now on; called again when the terminal's size changes. None may be wider than the terminal. */
  draw(lines: () => string[]): void {
    this.#lines = lines;
    this.#redraw();
  }

  /** Leaves what is drawn. */
  close(): void {
    this.#endResize();
  }

  #redraw(): void {
    // One that is taller than the terminal would scroll, and the cursor cannot go back to what has scrolled away.
    const most = Math.max(1, (this.#terminal.rows ?? 25) - 1);
    const lines = this.#lines().slice(0, most);
    const up = this.#height === 0 ? "" : `\u001b[${this.#height}A`;
    this.#terminal.write(`${up}\r${CLEAR_DOWN}${lines.map((line) => `${line}\n`).join("")}`);
    this.#height = lines.length;
  }
}
