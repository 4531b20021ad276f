import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IdentityError, IdentityFile } from "./identity-file.ts";
import { machineHash } from "./machine-id.ts";

const IDENTITY = { coordinator_url: "https://c.example", agent_id: "a1", agent_token: "t1", name: "n" };

let parent: string;
let dir: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "identity-"));
  dir = join(parent, "deep", "state");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test("an identity is read as it was written, replaced as a whole, and gone after delete", async () => {
  const file = new IdentityFile(dir);
  expect(await file.read()).toBeUndefined();
  await file.write(IDENTITY);
  await file.write({ ...IDENTITY, agent_token: "t2" });
  expect(await file.read()).toEqual({ ...IDENTITY, agent_token: "t2" });
  expect(await readdir(dir)).toEqual(["identity.json"]);
  expect(await file.delete()).toBe(true);
  expect(await file.delete()).toBe(false);
  expect(await file.read()).toBeUndefined();
});

test.skipIf(process.platform === "win32")("the token is readable by its user only", async () => {
  const file = new IdentityFile(dir);
  await file.write(IDENTITY);
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
});

test("a damaged file is an error that names the file and the remedy, not a new start", async () => {
  const file = new IdentityFile(dir);
  await file.write(IDENTITY);
  for (const damage of ["{", "[]", '{"agent_id":"a1"}', ""]) {
    await writeFile(file.path, damage);
    await expect(file.read()).rejects.toThrow(IdentityError);
    await expect(file.read()).rejects.toThrow(`${file.path} is damaged: delete it and register again`);
  }
});

test("a state directory that cannot be is an error that names it", async () => {
  await writeFile(join(parent, "file"), "");
  const file = new IdentityFile(join(parent, "file", "state"));
  await expect(file.write(IDENTITY)).rejects.toThrow(/cannot write .*identity\.json \(ENOTDIR\)/);
});

test("the machine hash is stable, does not show the id, and an override takes its place", async () => {
  expect(await machineHash("box-1")).toMatch(/^[0-9a-f]{64}$/);
  expect(await machineHash("box-1")).toBe(await machineHash("box-1"));
  expect(await machineHash("box-1")).not.toBe(await machineHash("box-2"));
  expect(await machineHash()).toBe(await machineHash());
});
