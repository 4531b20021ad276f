import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mainsOnLinux } from "./mains-linux.ts";
import { mainsFromPmset } from "./pmset.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "supplies-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Supplies = Record<string, Record<string, string>>;
const battery = (status: string) => ({ type: "Battery", status, scope: "System" });
const AC = (online: "0" | "1") => ({ type: "Mains", online });

test.each<[string, Supplies, boolean | undefined]>([
  ["a desktop without any supply", {}, true],
  ["a laptop on mains", { AC: AC("1"), BAT0: battery("Charging") }, true],
  ["a laptop on battery", { AC: AC("0"), BAT0: battery("Discharging") }, false],
  ["charged over USB-C", { BAT0: battery("Not charging"), ucsi: { type: "USB", online: "1" } }, true],
  ["a battery that charges from a supply nobody lists", { BAT0: battery("Charging") }, true],
  ["two batteries, one at rest", { AC: AC("0"), BAT0: battery("Full"), BAT1: battery("Discharging") }, false],
  ["a battery that knows nothing", { BAT0: battery("Unknown") }, undefined],
  [
    "a desktop with a wireless mouse",
    { hid: { type: "Battery", scope: "Device", status: "Discharging" } },
    true,
  ],
])("%s: on mains is %s", async (_, supplies, expected) => {
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(root, name));
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), `${text}\n`);
  }
  expect(await mainsOnLinux(root)).toBe(expected);
});

test("where supplies are not shown, nothing is known", async () => {
  expect(await mainsOnLinux(join(root, "none"))).toBeUndefined();
});

test.each([
  [
    "Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining present: true\n",
    true,
  ],
  ["Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t64%; discharging; 3:12 remaining\n", false],
  ["Now drawing from 'UPS Power'\n", false],
  ["", undefined],
])("pmset's %j: on mains is %s", (output, expected) => {
  expect(mainsFromPmset(output)).toBe(expected);
});
