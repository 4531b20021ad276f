import { rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { aborted, fileError, InstallError } from "../install-error.ts";
import { Budget } from "./budget.ts";
import { Tree } from "./tree.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/**
 * Unpacks archives over each other into `directory`, which must not exist. Nothing is left of it when that fails, and nothing
 * is ever written outside.
 * @throws InstallError
 */
export async function unpack(
  archives: readonly string[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const tree = await Tree.create(directory);
  try {
    for (const archive of archives) await unpackOne(archive, tree, signal);
    await tree.finish();
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function unpackOne(archive: string, tree: Tree, signal: AbortSignal): Promise<void> {
  try {
    const budget = new Budget((await stat(archive)).size);
    if (archive.endsWith(".zip")) await unpackZip(archive, tree, budget, signal);
    else await unpackTar(archive, archive.endsWith(".zst") ? "zstd" : "gzip", tree, budget, signal);
  } catch (cause) {
    if (signal.aborted) throw aborted();
    if (cause instanceof InstallError) throw cause;
    if (cause instanceof Error && "syscall" in cause) throw fileError(cause, archive);
    const reason = cause instanceof Error ? cause.message : String(cause);
    // The zip reader looks at names before this program can.
    const refused = /^(invalid relative path|absolute path|invalid characters in fileName)/.test(reason);
    throw new InstallError(
      refused ? "archive_refused" : "archive_broken",
      `cannot unpack ${basename(archive)} (${reason.slice(0, 200)})`,
      { cause },
    );
  }
}
