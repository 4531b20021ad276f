import type { Terminal } from "../view/terminal.ts";

/** A terminal that keeps what was written, and draws the few sequences that a live view uses. */
export class FakeTerminal implements Terminal {
  readonly isTTY: boolean;
  columns: number | undefined;
  rows: number | undefined;
  written = "";
  readonly #listeners = new Set<() => void>();

  constructor({
    isTTY = true,
    columns = 80,
    rows = 25,
  }: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    this.written += text;
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  resize(columns: number): void {
    this.columns = columns;
    for (const listener of [...this.#listeners]) listener();
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** What a person sees: lines from the top. */
  get screen(): string[] {
    const lines: string[] = [""];
    let at = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences of a terminal begin with one
    for (const [part] of this.written.matchAll(/\u001b\[\d*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
      if (part.startsWith("\u001b") && part.endsWith("A")) at -= Number(part.slice(2, -1));
      else if (part === "\u001b[J") lines.splice(at, lines.length, "");
      else if (part === "\n") {
        at += 1;
        lines[at] ??= "";
      } else if (part !== "\r" && !part.startsWith("\u001b")) lines[at] = (lines[at] ?? "") + part;
    }
    return lines.slice(0, -1);
  }
}
