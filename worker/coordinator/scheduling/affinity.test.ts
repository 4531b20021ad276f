import { expect, test } from "vitest";
import { Affinity } from "./affinity.ts";

test("the machine that knows most of a conversation is found", () => {
  const affinity = new Affinity();
  affinity.remember(["a"], "one");
  affinity.remember(["a", "b"], "two");
  affinity.remember(["c"], "three");
  expect([["a"], ["a", "b", "x"], ["x", "c"], ["x"], []].map((prefixes) => affinity.find(prefixes))).toEqual([
    "two",
    "two",
    "three",
    undefined,
    undefined,
  ]);
});

test("what was not used for longest is forgotten first, and there are never more than ten thousand", () => {
  const affinity = new Affinity();
  for (let each = 0; each < 10_000; each++) affinity.remember([`${each}`], "m");
  affinity.remember(["0"], "m");
  for (let each = 0; each < 5; each++) affinity.remember([`new ${each}`], "m");
  expect(affinity.size).toBe(10_000);
  expect([affinity.find(["0"]), affinity.find(["1"]), affinity.find(["6"])]).toEqual(["m", undefined, "m"]);
});
