import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PauseFile } from "./pause-file.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
let dir: string;
let file: PauseFile;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "pause-"));
  file = new PauseFile(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test("without a file there is no pause", async () => {
  expect(await file.read(NOW)).toBeUndefined();
});

test.each([
  ["until a time", { until: new Date("2026-11-23T12:00:01Z") }],
  ["without an end", { until: undefined }],
  ["none any more", undefined],
])("a pause %s is there after a restart", async (_, pause) => {
  await file.write({ until: undefined });
  await file.write(pause);
  expect(await new PauseFile(dir).read(NOW)).toEqual(pause);
});

test("of words that follow on each other's heels the last one holds, and none is lost", async () => {
  const pauses = [undefined, { until: undefined }, { until: new Date("2026-11-23T13:00:00Z") }];
  for (const last of pauses) {
    await Promise.all([...pauses, ...pauses, last].map((pause) => file.write(pause)));
    expect(await file.read(NOW)).toEqual(last);
  }
});

test("a pause that is over is dropped", async () => {
  await file.write({ until: NOW });
  expect(await file.read(NOW)).toBeUndefined();
});

test.each(["", "{", '{"pause":{"until":"tomorrow"}}'])(
  "of a damaged file (%j) the machine stays its owner's",
  async (text) => {
    await writeFile(file.path, text);
    expect(await file.read(NOW)).toEqual({ until: undefined });
  },
);

test("where it cannot be kept, that is said", async () => {
  const nowhere = new PauseFile(join(file.path, "state"));
  await writeFile(file.path, "");
  await expect(nowhere.write(undefined)).rejects.toThrow(
    /cannot write .*sharing\.json \(E\w+\): after a restart/,
  );
});
