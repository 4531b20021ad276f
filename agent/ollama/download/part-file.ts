import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { makeDir } from "../../core/identity/make-dir.ts";
import { fileError } from "../install-error.ts";
import { readJson, replaceFile } from "../replace-file.ts";

/** What a download is, so that a later start knows whether the bytes that are there belong to it. */
const about = z.object({
  /** Without the parts that a signed address changes each time. */
  url: z.string(),
  size: z.number(),
  sha256: z.string().nullable(),
  /** A strong ETag or a modification date, for If-Range. */
  validator: z.string().nullable(),
});
type About = z.infer<typeof about>;

/** The bytes of a download so far, in `<file>.part`, hashed as they come; `<file>.part.json` says what they are. */
export class PartFile {
  readonly path: string;
  readonly #file: string;
  readonly #about: About;
  #handle: FileHandle | undefined;
  #hash: Hash = createHash("sha256");
  #offset = 0;

  private constructor(file: string, what: About) {
    this.#file = file;
    this.path = `${file}.part`;
    this.#about = what;
  }

  /** With what an earlier attempt has left, if it is of the same content. @throws InstallError */
  static async open(
    file: string,
    what: { url: string; size: number; sha256: string | undefined },
  ): Promise<PartFile> {
    const part = new PartFile(file, { ...what, sha256: what.sha256 ?? null, validator: null });
    try {
      makeDir(dirname(file));
      await part.#resume();
      return part;
    } catch (error) {
      await part.close();
      throw fileError(error, part.path);
    }
  }

  /** Bytes that are there. */
  get offset(): number {
    return this.#offset;
  }

  get validator(): string | undefined {
    return this.#about.validator ?? undefined;
  }

  /** Nothing tells a changed content from the same one: then it cannot be continued. */
  get resumable(): boolean {
    return this.#about.sha256 !== null || this.#about.validator !== null;
  }

  /** Throws away what is there. @throws InstallError */
  async restart(validator: string | undefined): Promise<void> {
    try {
      await this.#handle?.close();
      this.#handle = undefined;
      this.#about.validator = validator ?? null;
      this.#hash = createHash("sha256");
      this.#offset = 0;
      // Before the sidecar, so that no moment has old bytes under a new name.
      this.#handle = await open(this.path, "w", 0o600);
      await replaceFile(`${this.path}.json`, JSON.stringify(this.#about));
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  /** @throws InstallError */
  async append(bytes: Buffer): Promise<void> {
    if (this.#handle === undefined) throw new Error("append before restart");
    try {
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.subarray(written);
        written += (await this.#handle.write(rest, 0, rest.length, this.#offset + written)).bytesWritten;
      }
    } catch (error) {
      throw fileError(error, this.path);
    }
    this.#hash.update(bytes);
    this.#offset += bytes.length;
  }

  /** Of the bytes that are there, 64 hex digits. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Makes it the file that it was to become. @throws InstallError */
  async keep(): Promise<void> {
    try {
      await this.#handle?.sync();
      await this.close();
      await rename(this.path, this.#file);
      await rm(`${this.path}.json`, { force: true });
    } catch (error) {
      throw fileError(error, this.#file);
    }
  }

  /** @throws InstallError */
  async discard(): Promise<void> {
    await this.close();
    try {
      await rm(this.path, { force: true });
      await rm(`${this.path}.json`, { force: true });
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #resume(): Promise<void> {
    const known = about.safeParse(await readJson(`${this.path}.json`));
    if (!known.success) return;
    const { url, size, sha256 } = this.#about;
    if (known.data.url !== url || known.data.size !== size || known.data.sha256 !== sha256) return;
    const there = await stat(this.path).catch(() => undefined);
    if (there === undefined || there.size === 0 || there.size > size) return;
    this.#about.validator = known.data.validator;
    if (!this.resumable) return;
    for await (const chunk of createReadStream(this.path, { highWaterMark: 1 << 20 })) {
      this.#hash.update(chunk);
      this.#offset += chunk.length;
    }
    this.#handle = await open(this.path, "r+");
  }
}

/** Of a whole file, 64 hex digits. @throws the system's error */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
