import { join } from "node:path";
import { z } from "zod";
import { readJson, systemReason, writeJson } from "../private-json.ts";
import type { Pause } from "./decide.ts";

const saved = z.object({
  pause: z.object({ until: z.iso.datetime({ offset: true }).nullable() }).nullable(),
});

/** One line for a person. */
export class PauseFileError extends Error {
  override readonly name = "PauseFileError";
}

/** `sharing.json` in an agent's state directory: a pause outlives the program, and the machine's restart. */
export class PauseFile {
  readonly path: string;
  /** One after the other: of a pause and a resume at the same time the older could be the one that stays. */
  #last: Promise<void> = Promise.resolve();

  constructor(stateDir: string) {
    this.path = join(stateDir, "sharing.json");
  }

  /**
   * The pause that still holds. A file that cannot be read may hold one, so it counts as one without an end: who sees it resumes,
   * and who has paused was not overruled. Never rejects.
   */
  async read(now: Date): Promise<Pause | undefined> {
    const file = await readJson(this.path).catch(() => ({ kind: "broken" as const }));
    if (file.kind === "none") return undefined;
    const parsed = saved.safeParse(file.kind === "value" ? file.value : undefined);
    if (!parsed.success) return { until: undefined };
    const { pause } = parsed.data;
    if (pause === null) return undefined;
    if (pause.until === null) return { until: undefined };
    const until = new Date(pause.until);
    return until > now ? { until } : undefined;
  }

  /** @throws PauseFileError */
  write(pause: Pause | undefined): Promise<void> {
    const write = (): Promise<void> => this.#write(pause);
    // That an earlier one failed was told to whoever asked for it.
    this.#last = this.#last.then(write, write);
    return this.#last;
  }

  async #write(pause: Pause | undefined): Promise<void> {
    const until = pause?.until?.toISOString() ?? null;
    try {
      await writeJson(this.path, { pause: pause === undefined ? null : { until } });
    } catch (cause) {
      throw new PauseFileError(
        `cannot write ${this.path} (${systemReason(cause)}): after a restart the pause would be forgotten; check the state directory`,
        { cause },
      );
    }
  }
}
