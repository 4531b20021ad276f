import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Consent } from "./consent.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "consent-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("answers are there at the next start, also those that came at the same moment", async () => {
  const consent = new Consent(dir);
  await Promise.all([
    consent.set("install", true),
    consent.set("start", false),
    consent.set("install", false),
  ]);
  const next = new Consent(dir);
  expect([next.get("install"), next.get("start"), next.get("pull")]).toEqual([false, false, undefined]);
  expect(readdirSync(dir)).toEqual(["consent.json"]);
});

test("an answer replaces the file, so that a crash leaves the old one whole", async () => {
  const consent = new Consent(dir);
  await consent.set("install", true);
  const { ino } = statSync(join(dir, "consent.json"));
  await consent.set("pull", false);
  expect(statSync(join(dir, "consent.json")).ino).not.toBe(ino);
});

test("a damaged file is none: the owner is asked again", () => {
  writeFileSync(join(dir, "consent.json"), '{"install":tr');
  expect(new Consent(dir).get("install")).toBeUndefined();
});
