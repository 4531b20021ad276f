import { expect, test } from "vitest";
import { best } from "./search.ts";

const items = ["Machines", "Models", "tower machine", "my-mac"].map((label) => ({ label }));
const labels = (typed: string) => best(items, typed, 3).map(({ label }) => label);

test("what begins with what was typed comes first, then what has a word that does", () => {
  expect(labels("mac")).toEqual(["Machines", "my-mac", "tower machine"]);
});

test("all words have to be there, in any order", () => {
  expect(labels("mach tow")).toEqual(["tower machine"]);
  expect(labels("xyz")).toEqual([]);
});

test("before anything is typed the list is as it is", () => {
  expect(labels(" ")).toEqual(["Machines", "Models", "tower machine"]);
});
