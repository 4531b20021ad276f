import { createReadStream } from "node:fs";
import { Transform, type TransformCallback } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { InstallError } from "../install-error.ts";
import type { Budget } from "./budget.ts";
import type { Tree } from "./tree.ts";

/** Releases of early 2026 were packed with a window of 128 MiB, which is all that a decoder allows by default. */
const WINDOW_LOG_MAX = 27;

/** @throws InstallError, or what the decoder says of a damaged archive */
export async function unpackTar(
  path: string,
  compression: "zstd" | "gzip",
  tree: Tree,
  budget: Budget,
  signal: AbortSignal,
): Promise<void> {
  const decoder =
    compression === "gzip"
      ? createGunzip()
      : createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX } });
  const entries = extract();
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      try {
        budget.read(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  const fed = pipeline(createReadStream(path), decoder, counted, entries, { signal });
  let refused: unknown;
  fed.catch((error: unknown) => {
    refused = error;
  });
  try {
    for await (const entry of entries) {
      await unpackEntry(entry.header, bytesOf(entry), tree, budget);
      entry.resume();
    }
    await fed;
  } catch (error) {
    // An entry that ends early knows only that it did; the one who fed it knows why.
    throw refused instanceof InstallError ? refused : error;
  }
}

async function unpackEntry(
  header: Header,
  content: AsyncIterable<Uint8Array>,
  tree: Tree,
  budget: Budget,
): Promise<void> {
  budget.entry(header.size);
  switch (header.type) {
    case "file":
    case "contiguous-file":
      return tree.file(header.name, header.mode, content);
    case "directory":
      return tree.directory(header.name);
    case "symlink":
      return tree.symlink(header.name, header.linkname ?? "");
    case "link":
      return tree.hardLink(header.name, header.linkname ?? "");
    default:
      throw new InstallError(
        "archive_refused",
        `the archive has the entry ${JSON.stringify(header.name.slice(0, 200))}, which is a ${header.type ?? "thing of unknown kind"}`,
      );
  }
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}
