import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { ZipFile } from "yazl";

export interface ArchiveFile {
  /** With forward slashes. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
}

/** Writes the files in the order of their names; the same files make the same bytes. */
export async function writeArchive(
  kind: "tar.gz" | "zip",
  outfile: string,
  files: readonly ArchiveFile[],
): Promise<void> {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  await (kind === "zip" ? writeZip : writeTarball)(outfile, sorted);
}

const modeOf = (file: ArchiveFile): number => (file.executable ? 0o755 : 0o644);

async function writeTarball(outfile: string, files: readonly ArchiveFile[]): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createGzip({ level: 9 }), createWriteStream(outfile));
  for (const file of files) {
    archive.entry({ name: file.path, mode: modeOf(file), mtime: new Date(0), uid: 0, gid: 0 }, file.bytes);
  }
  archive.finalize();
  await written;
}

async function writeZip(outfile: string, files: readonly ArchiveFile[]): Promise<void> {
  const archive = new ZipFile();
  // ZIP keeps the time that a wall clock shows, and none before 1980.
  const mtime = new Date(1981, 0, 1);
  const written = pipeline(archive.outputStream, createWriteStream(outfile));
  for (const file of files) {
    // 0o100000: a regular file, as ZIP keeps the modes of Unix.
    archive.addBuffer(file.bytes, file.path, {
      mtime,
      mode: 0o100000 | modeOf(file),
      // Without it a field in universal time is added, which is another one in each time zone.
      forceDosTimestamp: true,
    });
  }
  archive.end();
  await written;
}
