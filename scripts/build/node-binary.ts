import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BuildError } from "./build-error.ts";
import { MODULES } from "./folders.ts";
import { npm } from "./run.ts";
import { fileInTarball } from "./tarball.ts";
import { NODE_VERSION, ownTarget, type Target } from "./targets.ts";

/** The Node of this very project, which makes the blobs. */
export const INSTALLED_NODE = join(
  MODULES,
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/**
 * The Node that an executable of `target` is made of: the installed one on its own platform, npm's archive of it elsewhere.
 * @throws BuildError when npm gives none, or another one than the pinned
 */
export async function nodeBinary(target: Target, cacheDir: string): Promise<Buffer> {
  if (target === ownTarget()) return readFileSync(INSTALLED_NODE);
  return fileInTarball(nodeArchive(target, cacheDir), `package/${target.nodeFile}`);
}

/** Node's own licence and those of all that is compiled into it. Its Windows package carries none; the text is the same. */
export async function nodeLicence(targets: readonly Target[], cacheDir: string): Promise<string> {
  const linux = targets.find((target) => target.id.startsWith("linux"));
  if (linux === undefined)
    throw new BuildError("no Linux target is known, whose package carries Node's licence");
  return (await fileInTarball(nodeArchive(linux, cacheDir), "package/LICENSE")).toString();
}

function nodeArchive(target: Target, cacheDir: string): string {
  const name = `${target.nodePackage}-${NODE_VERSION}.tgz`;
  const kept = join(cacheDir, name);
  if (existsSync(kept)) return kept;
  const fresh = join(cacheDir, `fresh-${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  try {
    npm(["pack", `${target.nodePackage}@${NODE_VERSION}`, "--pack-destination", fresh, "--loglevel=error"]);
    const archive = join(fresh, name);
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== target.integrity) {
      throw new BuildError(
        `${name} is not the pinned one: ${found} instead of ${target.integrity} (scripts/build/targets.ts)`,
      );
    }
    // Under its name only when it is whole and checked.
    renameSync(archive, kept);
    return kept;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
