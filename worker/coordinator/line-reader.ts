/** Longest line that is kept, characters. */
const MAX_LINE = 1024 * 1024;

/** The objects of an NDJSON stream that comes in pieces; a line that is no JSON is an object that says so. */
export class LineReader {
  readonly #take: (value: object) => void;
  readonly #decoder = new TextDecoder();
  #line = "";

  constructor(take: (value: object) => void) {
    this.#take = take;
  }

  write(bytes: Uint8Array): void {
    const lines = (this.#line + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#line = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) this.#parse(line);
  }

  /** The last line may lack its end. */
  end(): void {
    this.#parse(this.#line + this.#decoder.decode());
    this.#line = "";
  }

  #parse(line: string): void {
    if (line.trim() === "") return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = { error: "the machine sent a line that is not JSON" };
    }
    if (typeof value === "object" && value !== null) this.#take(value);
  }
}
