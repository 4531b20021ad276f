import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeDir } from "./make-dir.ts";
import { writePrivate } from "./write-private.ts";

/** Who this agent is to one coordinator; the token is the identity, whoever has it is this agent. */
export const identity = z.object({
  coordinator_url: z.string().min(1),
  agent_id: z.string().min(1),
  agent_token: z.string().min(1),
  name: z.string(),
});
export type Identity = z.infer<typeof identity>;

/** The state directory cannot be used; the message names the file and what to do. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
}

/** `identity.json` in an agent's state directory, readable by its user only. */
export class IdentityFile {
  readonly path: string;
  readonly #dir: string;

  constructor(stateDir: string) {
    this.#dir = stateDir;
    this.path = join(stateDir, "identity.json");
  }

  /** Undefined when there is none. @throws IdentityError when there is one that cannot be read. */
  async read(): Promise<Identity | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw new IdentityError(`cannot read ${this.path} (${reason(cause)}): check its permissions`, {
        cause,
      });
    }
    const parsed = identity.safeParse(json(text));
    if (!parsed.success) {
      throw new IdentityError(`${this.path} is damaged: delete it and register again with a join token`);
    }
    return parsed.data;
  }

  /** Finds out that nothing could be written before something is given away that has to be. @throws IdentityError */
  async prepare(): Promise<void> {
    const probe = `${this.path}.${process.pid}.probe`;
    try {
      makeDir(this.#dir);
      await (await open(probe, "w", 0o600)).close();
      await rm(probe);
    } catch (cause) {
      throw new IdentityError(`cannot write to ${this.#dir} (${reason(cause)}): choose another --state-dir`, {
        cause,
      });
    }
  }

  /** Replaces the file as a whole, so that a crash leaves the old one or the new one. @throws IdentityError */
  async write(value: Identity): Promise<void> {
    try {
      makeDir(this.#dir);
      await writePrivate(this.path, `${JSON.stringify(value, null, 2)}\n`);
    } catch (cause) {
      throw new IdentityError(`cannot write ${this.path} (${reason(cause)}): check the state directory`, {
        cause,
      });
    }
  }

  /** True when there was one. @throws IdentityError */
  async delete(): Promise<boolean> {
    try {
      await rm(this.path);
      return true;
    } catch (cause) {
      if (isMissing(cause)) return false;
      throw new IdentityError(`cannot delete ${this.path} (${reason(cause)})`, { cause });
    }
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
