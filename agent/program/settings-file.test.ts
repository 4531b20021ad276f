import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockedChange, lockSettings } from "./lock-settings.ts";
import { DEFAULT_OWNER_SETTINGS } from "./owner-settings.ts";
import { SettingsFile } from "./settings-file.ts";

let dir: string;
let file: SettingsFile;
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "settings-")), "state");
  file = new SettingsFile(dir);
});
afterEach(() => rm(join(dir, ".."), { recursive: true, force: true }));

async function write(text: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(file.path, text);
}

test("without a file all is as by default, and nothing is written", async () => {
  expect(await file.read()).toEqual(DEFAULT_OWNER_SETTINGS);
  await expect(stat(dir)).rejects.toThrow();
});

test("what a file leaves out is as by default, inside the sharing rules, too", async () => {
  await write('\uFEFF{"allow_cloud":true,"sharing":{"mains_only":true}}');
  expect(await file.read()).toEqual({
    ...DEFAULT_OWNER_SETTINGS,
    allow_cloud: true,
    sharing: { ...DEFAULT_OWNER_SETTINGS.sharing, mains_only: true },
  });
});

test("changes are added to what is there, and another start reads them", async () => {
  await write('{"allow_manage":true}');
  const sharing = { ...DEFAULT_OWNER_SETTINGS.sharing, gpu_threshold: 30 };
  const [, after] = await Promise.all([file.change({ max_concurrency: 2 }), file.change({ sharing })]);
  const expected = { ...DEFAULT_OWNER_SETTINGS, allow_manage: true, max_concurrency: 2, sharing };
  expect(after).toEqual(expected);
  expect(await new SettingsFile(dir).read()).toEqual(expected);
});

test.runIf(process.platform !== "win32")(
  "the file is its user's only, and no other is left beside it",
  async () => {
    await file.change({ name: "box" });
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(["settings.json"]);
  },
);

describe("a file with a fault is told by name and field, and left as it is", () => {
  test.each([
    ["{", "is not valid JSON: mend it, or delete it"],
    ["[]", "the file: "],
    ['{"allow_mange":true}', 'there is no setting "allow_mange"'],
    ['{"sharing":{"mains":true}}', 'there is no setting "sharing.mains"'],
    ['{"max_concurrency":0}', '"max_concurrency": '],
    [
      '{"sharing":{"schedule":[{"days":[1],"from":"8:00","to":"09:00"}]}}',
      '"sharing.schedule.0.from": a time from 00:00 to 23:59',
    ],
    ['{"language":"de"}', '"language": '],
  ])("%s", async (text, fault) => {
    await write(text);
    for (const attempt of [() => file.read(), () => file.change({ name: "box" })]) {
      const error: unknown = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "SettingsError", message: expect.stringContaining(fault) });
      expect(error).toMatchObject({ message: expect.stringContaining(file.path) });
    }
    expect(await readFile(file.path, "utf8")).toBe(text);
  });

  test("one that is a directory", async () => {
    await mkdir(file.path, { recursive: true });
    await expect(file.read()).rejects.toThrow(`cannot read ${file.path} (EISDIR): check its permissions`);
  });
});

test("a change that cannot be changes nothing, and the next one is made all the same", async () => {
  await expect(file.change({ max_concurrency: 0, name: "box" })).rejects.toThrow(
    'settings: "max_concurrency": ',
  );
  expect(await file.read()).toEqual(DEFAULT_OWNER_SETTINGS);
  expect(await file.change({ name: "box" })).toMatchObject({ name: "box", max_concurrency: null });
});

test("where nothing can be written, it says so", async () => {
  await writeFile(dir, "");
  await expect(file.change({ name: "box" })).rejects.toThrow(/^cannot (read|write) .*settings\.json \(E/);
});

test("what was given at the start beats the file and is locked; a change of it is refused by name", () => {
  const stored = { ...DEFAULT_OWNER_SETTINGS, name: "box", allow_manage: true };
  const { settings, locked } = lockSettings(stored, {
    allow_manage: false,
    max_concurrency: 3,
    name: undefined,
  });
  expect(settings).toEqual({ ...stored, allow_manage: false, max_concurrency: 3 });
  expect(locked).toEqual(["max_concurrency", "allow_manage"]);
  expect(lockedChange({ name: "other" }, locked)).toBeUndefined();
  expect(lockedChange({ name: "other", allow_manage: true }, locked)).toBe(
    "allow_manage was set when the agent was started (flag, environment or --config): change it there",
  );
});
