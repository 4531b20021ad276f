import { StringDecoder } from "node:string_decoder";

/** Cuts a stream into lines; one longer than `maxChars` ends it. */
export class LineReader {
  readonly #decoder = new StringDecoder("utf8");
  readonly #maxChars: number;
  #rest = "";

  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** The lines that are complete now; undefined once one is too long. */
  push(bytes: Buffer): string[] | undefined {
    const lines = this.#decoder.write(bytes).split("\n");
    lines[0] = this.#rest + (lines[0] ?? "");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > this.#maxChars || lines.some((line) => line.length > this.#maxChars))
      return undefined;
    return lines;
  }
}
