import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fromBuffer } from "yauzl";
import { type ArchiveFile, writeArchive } from "./archive.ts";
import { CHECKSUMS, writeChecksums } from "./checksums.ts";
import { fileInTarball } from "./tarball.ts";

const FILES: ArchiveFile[] = [
  { path: "a/program", bytes: Buffer.from("the program"), executable: true },
  { path: "a/LICENSE", bytes: Buffer.from("the licence"), executable: false },
];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "archive-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

for (const kind of ["tar.gz", "zip"] as const) {
  test(`the same files make the same ${kind}, in whatever order and time zone`, async () => {
    const dir = folder();
    const zone = process.env.TZ;
    onTestFinished(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });
    process.env.TZ = "Asia/Tokyo";
    await writeArchive(kind, join(dir, "one"), FILES);
    process.env.TZ = "America/New_York";
    await writeArchive(kind, join(dir, "two"), [...FILES].reverse());
    expect(readFileSync(join(dir, "two")).equals(readFileSync(join(dir, "one")))).toBe(true);
  });
}

test("a tarball gives back what went in, and says what it does not have", async () => {
  const archive = join(folder(), "a.tar.gz");
  await writeArchive("tar.gz", archive, FILES);
  expect((await fileInTarball(archive, "a/program")).toString()).toBe("the program");
  await expect(fileInTarball(archive, "a/nothing")).rejects.toThrow("has no a/nothing");
});

test("programs stay executable in either kind of archive", async () => {
  const dir = folder();
  await writeArchive("zip", join(dir, "a.zip"), FILES);
  const modes = await new Promise<Map<string, number>>((resolve, reject) => {
    fromBuffer(readFileSync(join(dir, "a.zip")), (error, zip) => {
      if (error) return reject(error);
      const found = new Map<string, number>();
      zip.on("entry", (entry) => found.set(entry.fileName, (entry.externalFileAttributes >>> 16) & 0o777));
      zip.on("end", () => resolve(found));
    });
  });
  expect(Object.fromEntries(modes)).toEqual({ "a/LICENSE": 0o644, "a/program": 0o755 });
  await writeArchive("tar.gz", join(dir, "a.tar.gz"), FILES);
  const listed = execFileSync("tar", ["tzvf", "a.tar.gz"], { cwd: dir, encoding: "utf8" });
  expect(listed).toMatch(/^-rwxr-xr-x.* a\/program$/m);
});

test("the checksums are those of every file but their own", () => {
  const dir = folder();
  writeFileSync(join(dir, "b"), "two");
  writeFileSync(join(dir, "a"), "one");
  writeChecksums(dir);
  writeChecksums(dir);
  const sum = (text: string) => createHash("sha256").update(text).digest("hex");
  expect(readFileSync(join(dir, CHECKSUMS), "utf8")).toBe(`${sum("one")}  a\n${sum("two")}  b\n`);
});
