import { type Entry, openPromise } from "yauzl";
import { aborted, InstallError } from "../install-error.ts";
import type { Budget } from "./budget.ts";
import type { Tree } from "./tree.ts";

const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/** @throws InstallError, or what the decoder says of a damaged archive */
export async function unpackZip(
  path: string,
  tree: Tree,
  budget: Budget,
  signal: AbortSignal,
): Promise<void> {
  // Backslashes, which old PowerShells write, become slashes; sizes are checked while an entry is read.
  const zip = await openPromise(path, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (signal.aborted) throw aborted();
      budget.entry(entry.uncompressedSize);
      if (entry.fileName.endsWith("/")) {
        await tree.directory(entry.fileName);
        continue;
      }
      const mode = unixMode(entry);
      const content = await zip.openReadStreamPromise(entry);
      // Its parts go on for a moment after the loop over it has ended, and tell of their errors again: nobody listening would
      // end the whole program.
      content.on("error", () => {});
      try {
        await tree.file(entry.fileName, mode, counted(content, budget, signal));
      } finally {
        content.destroy();
      }
    }
  } finally {
    zip.close();
  }
}

/** @throws InstallError for what is neither file nor directory: a link, a device */
function unixMode(entry: Entry): number {
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & FILE_TYPE;
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY) {
    throw new InstallError(
      "archive_refused",
      `the archive has the entry ${JSON.stringify(entry.fileName.slice(0, 200))}, which is a link or a device`,
    );
  }
  return mode;
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  budget: Budget,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    if (signal.aborted) throw aborted();
    budget.read(chunk.length);
    yield chunk;
  }
}
