import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  file,
  type TarEntry,
  tar,
  tarZst,
  tgz,
  type ZipEntry,
  zip,
} from "../../../test/support/releases/archive.ts";
import { InstallError } from "../install-error.ts";
import { UNPACK_LIMITS } from "./limits.ts";
import { unpack } from "./unpack.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "unpack-test-"));
  await mkdir(join(dir, "versions"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const target = (): string => join(dir, "versions", "1.0.0");
const never = new AbortController().signal;

async function unpackBytes(...archives: Array<[string, Uint8Array]>): Promise<string> {
  const paths: string[] = [];
  for (const [name, bytes] of archives) {
    paths.push(join(dir, name));
    await writeFile(join(dir, name), bytes);
  }
  await unpack(paths, target(), never);
  return target();
}

/** That an archive is refused, and that nothing of it is left, inside or outside. */
async function refused(name: string, bytes: Uint8Array): Promise<InstallError> {
  const error = await unpackBytes([name, bytes]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InstallError);
  await rm(join(dir, name));
  expect(await readdir(dir, { recursive: true })).toEqual(["versions"]);
  if (!(error instanceof InstallError)) throw error;
  return error;
}

const dirEntry = (name: string): TarEntry => ({ header: { name, type: "directory", mode: 0o755 } });
const symlinkTo = (name: string, linkname: string): TarEntry => ({
  header: { name, type: "symlink", linkname },
});
const hardLinkTo = (name: string, linkname: string): TarEntry => ({
  header: { name, type: "link", linkname },
});

test.each([
  ["a.tar.zst", tarZst],
  ["a.tgz", tgz],
])("%s unpacks with its links, and of the modes only that a file may be run", async (name, make) => {
  const root = await unpackBytes([
    name,
    await make([
      dirEntry("./"),
      dirEntry("./bin/"),
      file("./bin/ollama", "program", 0o6777),
      // Before the file that it leads to, as some packers order them.
      symlinkTo("./lib/libx.so", "libx.so.1"),
      file("./lib/libx.so.1", "library", 0o666),
      hardLinkTo("./lib/same.so", "./lib/libx.so.1"),
      symlinkTo("./lib/up", "../bin"),
    ]),
  ]);
  expect(await readFile(join(root, "bin/ollama"), "utf8")).toBe("program");
  expect((await stat(join(root, "bin/ollama"))).mode & 0o7777).toBe(0o755);
  expect((await stat(join(root, "lib/libx.so.1"))).mode & 0o7777).toBe(0o644);
  expect(await readlink(join(root, "lib/libx.so"))).toBe("libx.so.1");
  expect(await readFile(join(root, "lib/same.so"), "utf8")).toBe("library");
  expect(await readdir(join(root, "lib/up"))).toEqual(["ollama"]);
});

test("a zip unpacks, also one with the backslashes of an old PowerShell", async () => {
  const root = await unpackBytes([
    "a.zip",
    zip([
      { name: "ollama.exe", content: "program" },
      { name: "lib/" },
      { name: "lib\\ollama\\x.dll", content: "library" },
      { name: "empty" },
    ]),
  ]);
  expect(await readFile(join(root, "lib/ollama/x.dll"), "utf8")).toBe("library");
  expect((await stat(join(root, "empty"))).size).toBe(0);
});

test("an overlay goes over the archive before it, and may replace a file", async () => {
  const root = await unpackBytes(
    ["a.tar.zst", await tarZst([file("lib/a", "old"), file("lib/b", "b")])],
    ["b.tar.zst", await tarZst([file("lib/a", "new"), file("lib/rocm/c", "c")])],
  );
  expect(await readFile(join(root, "lib/a"), "utf8")).toBe("new");
  expect(await readFile(join(root, "lib/rocm/c"), "utf8")).toBe("c");
});

const NAMES = [
  "../evil",
  "lib/../../evil",
  "/tmp/evil",
  "//server/share/evil",
  "C:/evil",
  "c:evil",
  "..\\evil",
  "lib\\..\\..\\evil",
  "lib/file:stream",
  "lib/CON",
  "nul.txt",
  "COM1",
  "LPT¹.so",
  "lib/dot.",
  "lib/space ",
  "lib/new\nline",
  "lib/what?",
  `${"d/".repeat(40)}deep`,
  "n".repeat(300),
];

test.each(NAMES)("a tar entry called %j is refused", async (name) => {
  expect((await refused("a.tgz", await tgz([file("ok", "x"), file(name, "evil")]))).code).toBe(
    "archive_refused",
  );
  expect((await refused("a.tgz", await tgz([hardLinkTo("link", name)]))).code).toBe("archive_refused");
});

test.each(NAMES)("a zip entry called %j is refused", async (name) => {
  const entries: ZipEntry[] = [{ name: "ok" }, { name, content: "evil" }];
  expect((await refused("a.zip", zip(entries))).code).toBe("archive_refused");
});

const LINKS: Array<[string, TarEntry[]]> = [
  ["a symbolic link to the parent directory", [symlinkTo("out", "..")]],
  ["a symbolic link far out", [symlinkTo("lib/out", "../../../../etc/passwd")]],
  ["an absolute symbolic link", [symlinkTo("out", "/etc/passwd")]],
  ["a symbolic link with backslashes", [symlinkTo("out", "..\\..\\evil")]],
  ["a symbolic link to nothing", [symlinkTo("out", "nothing")]],
  ["a symbolic link to itself", [symlinkTo("out", "out")]],
  ["a symbolic link to nowhere at all", [symlinkTo("out", "")]],
  [
    "a chain of symbolic links that leads out only as a whole",
    [dirEntry("a"), dirEntry("a/b"), symlinkTo("a/b/up", "../.."), symlinkTo("out", "a/b/up/..")],
  ],
  ["a write through a symbolic link", [symlinkTo("here", "."), file("here/evil", "evil")]],
  ["a write through a link that comes later", [file("here/evil", "evil"), symlinkTo("here", "..")]],
  ["a link in the place of a file", [file("here", "x"), symlinkTo("here", "ok"), file("ok", "x")]],
  ["a file in the place of a link", [file("ok", "x"), symlinkTo("here", "ok"), file("here", "evil")]],
  ["a file in the place of a directory", [file("here/x", "x"), file("here", "evil")]],
  ["a directory in the place of a file", [file("here", "x"), file("here/x", "evil")]],
  ["a hard link to a symbolic link", [file("ok", "x"), symlinkTo("sym", "ok"), hardLinkTo("hard", "sym")]],
  ["a hard link to a directory", [dirEntry("d"), hardLinkTo("hard", "d")]],
  ["a device", [{ header: { name: "null", type: "character-device", devmajor: 1, devminor: 3 } }]],
  ["a block device", [{ header: { name: "sda", type: "block-device", devmajor: 8, devminor: 0 } }]],
  ["a fifo", [{ header: { name: "pipe", type: "fifo" } }]],
];

test.each(LINKS)("%s is refused", async (_name, entries) => {
  expect((await refused("a.tgz", await tgz(entries))).code).toBe("archive_refused");
});

test("a link in a zip is refused", async () => {
  const error = await refused("a.zip", zip([{ name: "out", content: "../evil", mode: 0o120777 }]));
  expect(error.code).toBe("archive_refused");
});

const TEN_GB = 10 * 2 ** 30;

/** A Zstandard frame of `start` and 10 GB of zeros, in blocks that say "this byte, 128 KiB of it" (RFC 8878, 3.1.1.2). */
function zstdBomb(start: Uint8Array): Buffer {
  const block = (type: number, size: number, content: Uint8Array, last = 0): Buffer => {
    const header = Buffer.alloc(3);
    header.writeUIntLE(last | (type << 1) | (size << 3), 0, 3);
    return Buffer.concat([header, content]);
  };
  const zeros = block(1, 2 ** 17, Uint8Array.of(0));
  return Buffer.concat([
    // Magic number, no content size, a window of 1 MiB.
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]),
    block(0, start.length, start),
    ...new Array<Buffer>(TEN_GB / 2 ** 17).fill(zeros),
    block(0, 0, Buffer.alloc(0), 1),
  ]);
}

/** The same in gzip, of which several may be put together. */
function gzipBomb(start: Uint8Array): Buffer {
  const zeros = gzipSync(Buffer.alloc(64 * 2 ** 20));
  return Buffer.concat([gzipSync(start), ...new Array<Buffer>(160).fill(zeros)]);
}

test.each([
  ["a.tar.zst", zstdBomb],
  ["a.tgz", gzipBomb],
])(
  "10 GB of zeros in %s are refused, whether the entry says its size or not",
  { timeout: 30_000 },
  async (name, bomb) => {
    const honest = (await tar([file("zeros", "")])).subarray(0, 512);
    // The size field in its binary form, as sizes over 8 GB are written, and the sum over the header that goes with it.
    honest.writeUInt8(0x80, 124);
    honest.fill(0, 125, 128);
    honest.writeBigUInt64BE(BigInt(TEN_GB), 128);
    honest.fill(" ", 148, 156);
    const sum = honest.reduce((total, byte) => total + byte, 0);
    honest.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    for (const start of [honest, await tar([file("small", "x")])]) {
      const error = await refused(name, bomb(start));
      expect(error.code).toBe("archive_refused");
      expect(error.message).toMatch(/^the archive of \d+ bytes unpacks to more than \d+ bytes$/);
    }
  },
);

test("a zip bomb is refused, whether it says its size or not", { timeout: 30_000 }, async () => {
  const content = Buffer.alloc(UNPACK_LIMITS.small_bytes + 1);
  expect((await refused("a.zip", zip([{ name: "zeros", content }]))).code).toBe("archive_refused");
  const lying = await refused("a.zip", zip([{ name: "zeros", content, claimedSize: 100 }]));
  expect(lying.code).toBe("archive_broken");
});

test("an archive of too many entries is refused", { timeout: 30_000 }, async () => {
  const one = (await tar([dirEntry("d")])).subarray(0, 512);
  const many = Buffer.concat(new Array<Buffer>(UNPACK_LIMITS.entries + 1).fill(one));
  expect((await refused("a.tgz", gzipSync(many))).message).toContain("more than 50000 entries");
});

test("an archive that is cut or is none is an error and leaves nothing", async () => {
  const whole = await tarZst([file("bin/ollama", "x".repeat(100_000))]);
  expect((await refused("a.tar.zst", whole.subarray(0, whole.length - 20))).code).toBe("archive_broken");
  expect((await refused("a.tar.zst", Buffer.from("<html>"))).code).toBe("archive_broken");
  expect((await refused("a.tgz", gzipSync(Buffer.alloc(2_000, 7)))).code).toBe("archive_broken");
  expect((await refused("a.zip", Buffer.from("<html>"))).code).toBe("archive_broken");
});

test("an archive with the largest window of early 2026 is read", async () => {
  const { constants } = await import("node:zlib");
  const plain = await tar([file("bin/ollama", "x".repeat(3 * 2 ** 20))]);
  const packed = zstdCompressSync(plain, { params: { [constants.ZSTD_c_windowLog]: 27 } });
  expect((await stat(join(await unpackBytes(["a.tar.zst", packed]), "bin/ollama"))).size).toBe(3 * 2 ** 20);
});

test("stopped on request, it leaves nothing", async () => {
  const path = join(dir, "a.tgz");
  await writeFile(path, await tgz([file("bin/ollama", "x")]));
  await expect(unpack([path], target(), AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  expect(await readdir(join(dir, "versions"))).toEqual([]);
});
