import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../core/answer.ts";

const processId = z.object({
  pid: z.number().int().positive(),
  /** Null: it was not known yet when the agent ended. */
  started_at: z.number().nullable(),
});

/** What a later agent needs to know a server that this one leaves behind, and to know that it is not somebody else's. */
export const runRecord = z.object({
  server: processId,
  /** Of the start of the machine in which these pids mean something. */
  boot_id: z.string(),
  /** Who watches it. */
  agent: processId,
  /** Directory, without links, of the program and of all that it starts. */
  root: z.string().min(1),
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
