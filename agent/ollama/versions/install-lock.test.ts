import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeInstallLock } from "./install-lock.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "lock-test-"));
  path = join(dir, "install.lock");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("one holds it at a time, and what it leaves is nothing", async () => {
  const unlock = await takeInstallLock(path);
  await expect(takeInstallLock(path)).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining(path),
  });
  await unlock();
  await (await takeInstallLock(path))();
  expect(await readdir(dir)).toEqual([]);
});

test("of many at once exactly one gets it, stale lock or not", async () => {
  for (const stale of [undefined, JSON.stringify({ pid: 2 ** 22 - 1, started: "1", id: "gone" })]) {
    if (stale !== undefined) await writeFile(path, stale);
    const got = await Promise.allSettled(Array.from({ length: 20 }, () => takeInstallLock(path)));
    const locks = got.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(locks).toHaveLength(1);
    await locks[0]?.();
    expect(await readdir(dir)).toEqual([]);
  }
});

test.each([
  ["a process that is gone", { pid: 2 ** 22 - 1, started: null, id: "x" }],
  ["an earlier process with this one's number", { pid: process.pid, started: null, id: "x" }],
  ["an earlier process whose number another one has now", { pid: process.ppid, started: "1", id: "x" }],
])("the lock of %s is cleared", async (_who, owner) => {
  await writeFile(path, JSON.stringify(owner));
  await (await takeInstallLock(path))();
});

test("a damaged lock is cleared", async () => {
  await writeFile(path, "{");
  await (await takeInstallLock(path))();
});

test("the lock of a process that runs is respected", async () => {
  await writeFile(path, JSON.stringify({ pid: process.ppid, started: null, id: "x" }));
  await expect(takeInstallLock(path)).rejects.toMatchObject({ code: "busy" });
  expect(await readFile(path, "utf8")).toContain(String(process.ppid));
});
