import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeInstallLock } from "./install-lock.ts";
import { OllamaVersions } from "./versions.ts";

let stateDir: string;
let versions: OllamaVersions;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "versions-test-"));
  versions = new OllamaVersions(stateDir, "linux");
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

async function unpacked(version: string): Promise<void> {
  const dir = await versions.makeRoom(version);
  await mkdir(join(dir, "bin"), { recursive: true });
  await writeFile(join(dir, "bin/ollama"), version);
}

async function add(version: string): Promise<void> {
  await unpacked(version);
  await versions.complete(version);
}

const names = async (): Promise<string[]> => (await versions.list()).map(({ version }) => version).sort();
const both = async () => [(await versions.current())?.version, (await versions.previous())?.version];

test("there is nothing at first, and nothing to go back to", async () => {
  expect(await both()).toEqual([undefined, undefined]);
  expect(await names()).toEqual([]);
  await expect(versions.switchTo("1.0.0")).rejects.toMatchObject({ code: "not_installed" });
  await versions.prune();
  await versions.removeAll();
});

test("a version counts only once it is complete", async () => {
  await unpacked("1.0.0");
  expect(await names()).toEqual([]);
  await expect(versions.switchTo("1.0.0")).rejects.toMatchObject({ code: "not_installed" });
  await versions.complete("1.0.0");
  expect(await versions.switchTo("1.0.0")).toEqual({
    version: "1.0.0",
    dir: join(stateDir, "ollama/versions/1.0.0"),
    binary: join(stateDir, "ollama/versions/1.0.0/bin/ollama"),
  });
});

test("a directory without the program cannot be completed", async () => {
  await mkdir(await versions.makeRoom("1.0.0"));
  await expect(versions.complete("1.0.0")).rejects.toMatchObject({ code: "archive_broken" });
  expect(await readdir(join(stateDir, "ollama/versions"))).toEqual([]);
});

test("switching remembers one version to go back to, and going back can be undone", async () => {
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    await add(version);
    await versions.switchTo(version);
  }
  expect(await both()).toEqual(["1.2.0", "1.1.0"]);
  await versions.switchTo("1.2.0");
  expect(await both()).toEqual(["1.2.0", "1.1.0"]);
  expect((await versions.switchTo("1.1.0")).version).toBe("1.1.0");
  expect(await both()).toEqual(["1.1.0", "1.2.0"]);
  await versions.switchTo("1.2.0");
  expect(await both()).toEqual(["1.2.0", "1.1.0"]);
});

test("pruning keeps the current and the previous version and removes what is older or half-finished", async () => {
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) {
    await add(version);
    await versions.switchTo(version);
  }
  await unpacked("2.0.0");
  await mkdir(join(versions.downloads, "2.0.0"), { recursive: true });
  await writeFile(join(versions.downloads, "2.0.0", "x.part"), "x");
  await versions.prune();
  expect(await readdir(join(stateDir, "ollama/versions"))).toEqual(["1.1.0", "1.2.0"]);
  expect((await readdir(join(stateDir, "ollama"))).sort()).toEqual(["current.json", "versions"]);
});

test("a damaged pointer and one to a version that is gone are no current version", async () => {
  await add("1.0.0");
  await versions.switchTo("1.0.0");
  await rm(join(stateDir, "ollama/versions/1.0.0"), { recursive: true });
  expect(await both()).toEqual([undefined, undefined]);
  for (const text of ["", "{", '{"current":"../../evil","previous":null}']) {
    await writeFile(join(stateDir, "ollama/current.json"), text);
    expect(await versions.current()).toBeUndefined();
  }
  await add("1.1.0");
  await versions.switchTo("1.1.0");
  expect(await both()).toEqual(["1.1.0", undefined]);
});

test("removing everything leaves Ollama's home and models", async () => {
  await add("1.0.0");
  await versions.switchTo("1.0.0");
  await mkdir(join(stateDir, "ollama/home/models"), { recursive: true });
  await versions.removeAll();
  expect(await versions.current()).toBeUndefined();
  expect(await readdir(join(stateDir, "ollama"))).toEqual(["home"]);
});

test("nothing is removed while an install is under way", async () => {
  await unpacked("1.0.0");
  const unlock = await takeInstallLock(versions.lock);
  await expect(versions.prune()).rejects.toMatchObject({ code: "busy" });
  await expect(versions.removeAll()).rejects.toMatchObject({ code: "busy" });
  expect(await readdir(join(stateDir, "ollama/versions"))).toEqual(["1.0.0"]);
  await unlock();
});

test("a name that is no version is never looked up on the disk", async () => {
  expect(await versions.get("../../..")).toBeUndefined();
});
