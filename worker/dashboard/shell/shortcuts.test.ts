import { expect, test } from "vitest";
import { chordReader } from "./shortcuts.ts";

const press = (key: string, parts: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  timeStamp: 0,
  ...parts,
});
const AREAS = [{ key: "m", segment: "machines" }];

test("g and then a letter goes to a page, for a moment", () => {
  const read = chordReader(AREAS);
  expect([read(press("g"), false), read(press("m", { timeStamp: 500 }), false)]).toEqual([
    undefined,
    { kind: "go", segment: "machines" },
  ]);
  read(press("g"), false);
  expect(read(press("m", { timeStamp: 5_000 }), false)).toBeUndefined();
});

test("whoever types in a field types, and only Ctrl-K is heard", () => {
  const read = chordReader(AREAS);
  expect([read(press("g"), true), read(press("m"), true), read(press("?"), true)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(read(press("k", { ctrlKey: true }), true)).toEqual({ kind: "palette" });
  expect(read(press("K", { metaKey: true }), false)).toEqual({ kind: "palette" });
  expect(read(press("?"), false)).toEqual({ kind: "help" });
});
