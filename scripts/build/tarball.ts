import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { BuildError } from "./build-error.ts";

/** One file of a `.tgz`. @throws BuildError when it is not in there */
export async function fileInTarball(archive: string, name: string): Promise<Buffer> {
  const source = createReadStream(archive);
  const entries = source.pipe(createGunzip()).pipe(extract());
  try {
    for await (const entry of entries) {
      if (entry.header.name === name) return await buffer(entry);
      entry.resume();
    }
  } finally {
    source.destroy();
  }
  throw new BuildError(`${archive} has no ${name}`);
}
