import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeDir } from "../../core/identity/make-dir.ts";
import { fileError, InstallError } from "../install-error.ts";
import { VERSION } from "../release/release.ts";
import { readJson, replaceFile } from "../replace-file.ts";
import { binaryPath } from "./binary-path.ts";
import { takeInstallLock } from "./install-lock.ts";

const MARKER = ".complete";
const version = z.string().regex(VERSION);
const pointer = z.object({ current: version, previous: version.nullable() });
type Pointer = z.infer<typeof pointer>;

export interface InstalledVersion {
  version: string;
  dir: string;
  /** The `ollama` program. */
  binary: string;
}

/**
 * The versions of Ollama that an agent has installed, each in a directory of its own, and which of them is used. Whatever
 * moment a process dies at, what was current stays so: a version counts from the moment that its marker is there, and the
 * pointer is replaced as a whole.
 */
export class OllamaVersions {
  /** All that this agent has of Ollama's program, except for `home`, is in here. */
  readonly directory: string;
  readonly #platform: NodeJS.Platform;

  constructor(stateDir: string, platform: NodeJS.Platform = process.platform) {
    this.directory = join(stateDir, "ollama");
    this.#platform = platform;
  }

  get downloads(): string {
    return join(this.directory, "downloads");
  }

  get lock(): string {
    return join(this.directory, "install.lock");
  }

  get releaseCache(): string {
    return join(this.directory, "releases.json");
  }

  /** What is to be run; undefined where there is none. */
  async current(): Promise<InstalledVersion | undefined> {
    const known = await this.#pointer();
    return known === undefined ? undefined : this.get(known.current);
  }

  /** What to go back to. */
  async previous(): Promise<InstalledVersion | undefined> {
    const known = await this.#pointer();
    return known?.previous == null ? undefined : this.get(known.previous);
  }

  /** A version that is wholly there. */
  async get(wanted: string): Promise<InstalledVersion | undefined> {
    if (!VERSION.test(wanted)) return undefined;
    const dir = this.#dir(wanted);
    const binary = binaryPath(dir, this.#platform);
    if (!(await isFile(join(dir, MARKER))) || !(await isFile(binary))) return undefined;
    return { version: wanted, dir, binary };
  }

  /** In no order. */
  async list(): Promise<InstalledVersion[]> {
    const found: InstalledVersion[] = [];
    for (const name of await names(join(this.directory, "versions"))) {
      const installed = await this.get(name);
      if (installed !== undefined) found.push(installed);
    }
    return found;
  }

  /** Where to unpack a version that is not there; what an earlier attempt left is gone. @throws InstallError */
  async makeRoom(wanted: string): Promise<string> {
    const dir = this.#dir(wanted);
    try {
      makeDir(join(this.directory, "versions"));
      // The marker first: half of what is removed must not count.
      await rm(join(dir, MARKER), { force: true });
      await rm(dir, { recursive: true, force: true });
      return dir;
    } catch (error) {
      throw fileError(error, dir);
    }
  }

  /** From now on it counts. @throws InstallError `archive_broken` when there is no Ollama in it */
  async complete(wanted: string): Promise<InstalledVersion> {
    const dir = this.#dir(wanted);
    const binary = binaryPath(dir, this.#platform);
    if (!(await isFile(binary))) {
      await this.makeRoom(wanted);
      throw new InstallError(
        "archive_broken",
        `the archive of Ollama ${wanted} has no ${binaryPath("", this.#platform)}`,
      );
    }
    try {
      const marker = await open(join(dir, MARKER), "wx", 0o600);
      try {
        await marker.writeFile(`${JSON.stringify({ version: wanted })}\n`);
        await marker.sync();
      } finally {
        await marker.close();
      }
    } catch (error) {
      throw fileError(error, dir);
    }
    return { version: wanted, dir, binary };
  }

  /** Makes a version the current one, and the one before it the one to go back to. @throws InstallError */
  async switchTo(wanted: string): Promise<InstalledVersion> {
    const installed = await this.get(wanted);
    if (installed === undefined) {
      throw new InstallError(
        "not_installed",
        `Ollama ${wanted.slice(0, 50)} is not installed in ${this.directory}`,
      );
    }
    const known = await this.#pointer();
    if (known?.current === wanted) return installed;
    const previous = known === undefined ? undefined : await this.get(known.current);
    await this.#point({ current: wanted, previous: previous?.version ?? null });
    return installed;
  }

  /** Removes all but the current and the previous version, and what installs that ended early have left. @throws InstallError, `busy` during an install */
  async prune(): Promise<void> {
    await this.#alone(async () => {
      const known = await this.#pointer();
      const kept = new Set([known?.current, known?.previous]);
      for (const name of await names(join(this.directory, "versions"))) {
        if (kept.has(name) && (await this.get(name)) !== undefined) continue;
        await this.#remove(name);
      }
      await remove(this.downloads);
    });
  }

  /** Removes every version and what belongs to them; Ollama's home and models are not in here. @throws as `prune` */
  async removeAll(): Promise<void> {
    await this.#alone(async () => {
      await remove(join(this.directory, "current.json"));
      for (const name of await names(join(this.directory, "versions"))) await this.#remove(name);
      await remove(join(this.directory, "versions"));
      await remove(this.downloads);
      await remove(this.releaseCache);
    });
  }

  /** What half an install has left looks like one that is under way. @throws InstallError `busy` */
  async #alone(work: () => Promise<void>): Promise<void> {
    const unlock = await takeInstallLock(this.lock);
    try {
      await work();
    } finally {
      await unlock();
    }
  }

  #dir(wanted: string): string {
    return join(this.directory, "versions", wanted);
  }

  async #remove(name: string): Promise<void> {
    await remove(join(this.#dir(name), MARKER));
    await remove(this.#dir(name));
  }

  async #pointer(): Promise<Pointer | undefined> {
    const parsed = pointer.safeParse(await readJson(join(this.directory, "current.json")));
    return parsed.success ? parsed.data : undefined;
  }

  async #point(to: Pointer): Promise<void> {
    const path = join(this.directory, "current.json");
    try {
      await replaceFile(path, `${JSON.stringify(to)}\n`);
    } catch (error) {
      throw fileError(error, path);
    }
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw fileError(error, path);
  }
}
