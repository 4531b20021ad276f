import { z } from "zod";

/** One line of the answer to `POST /api/pull`. */
const pullLine = z.object({
  status: z.string().optional(),
  error: z.string().optional(),
  digest: z.string().optional(),
  total: z.number().int().nonnegative().optional(),
  /** Left out while it is 0. */
  completed: z.number().int().nonnegative().optional(),
});
export type PullLine = z.infer<typeof pullLine>;

/** Ollama's lines have some hundred bytes; an answer that is none of its own may have no end of line at all. */
const LINE_CHARS = 64 * 1024;

/** Cuts an answer into its lines; what is not a line of Ollama's is left out. */
export class PullLines {
  #rest = "";
  readonly #decoder = new TextDecoder();

  push(bytes: Uint8Array): PullLine[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const parts = this.#rest.split("\n");
    this.#rest = (parts.pop() ?? "").slice(0, LINE_CHARS);
    return parts.flatMap(parsed);
  }

  /** The last line, where its end is missing. */
  end(): PullLine[] {
    const rest = this.#rest;
    this.#rest = "";
    return parsed(rest);
  }
}

function parsed(text: string): PullLine[] {
  try {
    const line = pullLine.safeParse(JSON.parse(text));
    return line.success ? [line.data] : [];
  } catch {
    return [];
  }
}
