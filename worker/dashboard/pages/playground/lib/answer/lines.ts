/** A line longer than Ollama's own client takes (api/client.go) is no answer: a tab must not be filled by one. */
const MOST_LINE = 8_000_000;

export class LineTooLong extends Error {}

/** Text that comes as bytes cut anywhere, as its lines; the last one is whatever stands behind the last end of line. */
export class Lines {
  readonly #decoder = new TextDecoder();
  /** Joined once per line, not once per piece: a line may come in thousands of them. */
  #pieces: string[] = [];
  #length = 0;

  /** @throws LineTooLong */
  push(bytes: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The lines that are left; the last one has no end. */
  end(): string[] {
    const lines = this.#take(this.#decoder.decode());
    const rest = this.#joined();
    return rest === "" ? lines : [...lines, rest];
  }

  #take(text: string): string[] {
    const parts = text.split("\n");
    const last = parts.pop() ?? "";
    const lines = parts.map((part) => {
      this.#add(part);
      const line = this.#joined();
      return line.endsWith("\r") ? line.slice(0, -1) : line;
    });
    this.#add(last);
    return lines;
  }

  #add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > MOST_LINE) throw new LineTooLong();
    if (piece !== "") this.#pieces.push(piece);
  }

  #joined(): string {
    const line = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    return line;
  }
}
