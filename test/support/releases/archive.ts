import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** An entry as it goes into a tar archive, whatever it says. */
export interface TarEntry {
  header: Partial<Header> & Pick<Header, "name">;
  content?: Uint8Array | string;
}

export function file(name: string, content: Uint8Array | string, mode = 0o644): TarEntry {
  return { header: { name, mode, type: "file" }, content };
}

export async function tar(entries: readonly TarEntry[]): Promise<Buffer> {
  const packed = pack();
  for (const { header, content } of entries) packed.entry(header, content ?? "");
  packed.finalize();
  return buffer(packed);
}

export async function tarZst(entries: readonly TarEntry[]): Promise<Buffer> {
  return zstdCompressSync(await tar(entries));
}

export async function tgz(entries: readonly TarEntry[]): Promise<Buffer> {
  return gzipSync(await tar(entries));
}

export interface ZipEntry {
  name: string;
  content?: Uint8Array | string;
  /** Unix mode with its type bits; 0 as a Windows program leaves it. */
  mode?: number;
  /** What the directory says instead of the truth. */
  claimedSize?: number;
}

/** A zip archive as its format says, for names and sizes that no zip program would write. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", mode = 0, claimedSize } of entries) {
    const plain = Buffer.from(content);
    const packed = deflateRawSync(plain);
    const fileName = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    // Names are UTF-8.
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimedSize ?? plain.length, 18);
    common.writeUInt16LE(fileName.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, fileName, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((mode << 16) | 0) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const madeByUnix = Buffer.from([20, 3]);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02"), madeByUnix, common, rest, fileName]));
    bodies.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, index, Buffer.from("PK\x05\x06"), end]);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
