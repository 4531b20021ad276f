import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/answer.ts";

const pid = z.number().int().min(2);

/** What a later agent needs to know a server that this one leaves behind, and to know that it is not somebody else's. */
export const runRecord = z.object({
  /** `started_at` is null when it was not known yet. */
  server: z.object({ pid, started_at: z.number().nullable() }),
  /** Of the start of the machine in which these pids mean something. */
  boot_id: z.string(),
  /** Who watches it. */
  agent: z.object({ pid, started_at: z.number() }),
  /** The program's file, links followed. */
  binary: z.string().min(1),
  version: z.string(),
  port: z.number().int(),
});
export type RunRecord = z.infer<typeof runRecord>;

/** `run.json`: there while a server of ours may be running. Synchronous, so that nothing comes between a start and its record. */
export class RunRecordFile {
  readonly #path: string;

  constructor(dir: string) {
    this.#path = join(dir, "run.json");
  }

  /** Undefined when there is none, or none that can be read. */
  read(): RunRecord | undefined {
    try {
      return runRecord.safeParse(parseJson(readFileSync(this.#path, "utf8"))).data;
    } catch {
      return undefined;
    }
  }

  /** @throws the system's error */
  write(record: RunRecord): void {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#path);
  }

  /** @throws the system's error */
  delete(): void {
    rmSync(this.#path, { force: true });
  }
}
