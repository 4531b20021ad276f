import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/answer.ts";
import { replaceFile } from "../replace-file.ts";

const kinds = ["install", "start", "pull"] as const;
export type ConsentKind = (typeof kinds)[number];

const answers = z.partialRecord(z.enum(kinds), z.boolean());

/** What the owner has answered, so that he is asked once and not at every start. */
export class Consent {
  readonly #path: string;
  #answers: z.infer<typeof answers>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(dir: string) {
    this.#path = join(dir, "consent.json");
    this.#answers = readAnswers(this.#path);
  }

  /** undefined: not asked yet. */
  get(kind: ConsentKind): boolean | undefined {
    return this.#answers[kind];
  }

  /** @throws when the file cannot be written; the answer holds until the next start all the same */
  async set(kind: ConsentKind, yes: boolean): Promise<void> {
    this.#answers = { ...this.#answers, [kind]: yes };
    // One after the other, each with all that is known by then: two answers may come at the same moment.
    const write = (): Promise<void> => replaceFile(this.#path, `${JSON.stringify(this.#answers)}\n`);
    const written = this.#last.then(write, write);
    this.#last = written;
    await written;
  }
}

/** One that is damaged is worth no more than none: the owner is asked again. */
function readAnswers(path: string): z.infer<typeof answers> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  const parsed = answers.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  rmSync(path, { force: true });
  return {};
}
