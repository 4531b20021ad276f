import { link, mkdir, open, realpath, rm, symlink } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { fileError, InstallError } from "../install-error.ts";
import { entryParts } from "./entry-name.ts";

type Kind = "directory" | "file" | "link";

/**
 * A directory that archives are unpacked into. Nothing but this fills it, and links are made when all files are there: so no
 * write can go through a link, whatever the order of the entries.
 */
export class Tree {
  readonly root: string;
  readonly #kinds = new Map<string, Kind>();
  readonly #links: Array<{ name: string; target: string; hard: boolean }> = [];

  private constructor(root: string) {
    this.root = root;
  }

  /** @param root must not exist. @throws InstallError */
  static async create(root: string): Promise<Tree> {
    try {
      await mkdir(root, { mode: 0o755 });
    } catch (error) {
      throw fileError(error, root);
    }
    return new Tree(root);
  }

  /** @throws InstallError */
  async directory(name: string): Promise<void> {
    await this.#directories(entryParts(name), name);
  }

  /** A file that is there already is replaced: an overlay may. @throws InstallError, or what `content` throws */
  async file(name: string, mode: number, content: AsyncIterable<Uint8Array>): Promise<void> {
    const parts = entryParts(name);
    await this.#claim(parts, name, "file");
    const path = join(this.root, ...parts);
    try {
      await rm(path, { force: true });
      // Only "may be run" is taken over: no set-user-id, nothing that others may write.
      const file = await open(path, "wx", (mode & 0o111) === 0 ? 0o644 : 0o755);
      try {
        for await (const chunk of content) {
          for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
        }
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      // What the archive's own stream says is not about this file.
      throw isSystemError(error) ? fileError(error, path) : error;
    }
  }

  /** @throws InstallError */
  async symlink(name: string, target: string): Promise<void> {
    const parts = entryParts(name);
    await this.#claim(parts, name, "link");
    const resolved = posix.join(...parts.slice(0, -1), target);
    if (target === "" || posix.isAbsolute(target) || resolved === ".." || resolved.startsWith("../")) {
      throw outside(name, target);
    }
    // The rest of what a name may not be: backslashes, drives, devices.
    entryParts(resolved);
    this.#links.push({ name: parts.join("/"), target, hard: false });
  }

  /** @param target from the archive's root. @throws InstallError */
  async hardLink(name: string, target: string): Promise<void> {
    const parts = entryParts(name);
    await this.#claim(parts, name, "link");
    this.#links.push({ name: parts.join("/"), target: entryParts(target).join("/"), hard: true });
  }

  /** Makes the links. @throws InstallError when one does not lead to something in here */
  async finish(): Promise<void> {
    try {
      for (const { name, target, hard } of this.#links) {
        if (!hard) await symlink(target, join(this.root, name));
        else if (this.#kinds.get(key(target)) === "file")
          await link(join(this.root, target), join(this.root, name));
        else throw outside(name, target);
      }
      const root = await realpath(this.root);
      for (const { name, target } of this.#links) {
        // Through other links a target may lead elsewhere than its text says.
        const real = await realpath(join(this.root, name)).catch(() => "");
        if (!real.startsWith(root + sep)) throw outside(name, target);
      }
    } catch (error) {
      throw fileError(error, this.root);
    }
  }

  /** Notes what a name is, below directories that are there. */
  async #claim(parts: readonly string[], name: string, kind: "file" | "link"): Promise<void> {
    if (parts.length === 0) throw twice(name);
    await this.#directories(parts.slice(0, -1), name);
    const known = this.#kinds.get(key(parts.join("/")));
    if (known !== undefined && (kind !== "file" || known !== "file")) throw twice(name);
    this.#kinds.set(key(parts.join("/")), kind);
  }

  async #directories(parts: readonly string[], name: string): Promise<void> {
    for (let depth = 1; depth <= parts.length; depth++) {
      const path = parts.slice(0, depth);
      const known = this.#kinds.get(key(path.join("/")));
      if (known === "directory") continue;
      if (known !== undefined) throw twice(name);
      try {
        await mkdir(join(this.root, ...path), { mode: 0o755 });
      } catch (error) {
        throw fileError(error, join(this.root, ...path));
      }
      this.#kinds.set(key(path.join("/")), "directory");
    }
  }
}

/** Windows and macOS take names for the same that differ in case or in how accents are written. */
function key(name: string): string {
  return process.platform === "linux" ? name : name.normalize("NFC").toLowerCase();
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function outside(name: string, target: string): InstallError {
  return new InstallError(
    "archive_refused",
    `the archive has the link ${JSON.stringify(name.slice(0, 200))} to ${JSON.stringify(target.slice(0, 200))}, which leads to nothing in it`,
  );
}

function twice(name: string): InstallError {
  return new InstallError(
    "archive_refused",
    `the archive has the entry ${JSON.stringify(name.slice(0, 200))} in the place of another one`,
  );
}
