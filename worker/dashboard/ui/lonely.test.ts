import { expect, test } from "vitest";
import { lonely } from "./lonely.ts";

test("only values without a neighbour need a point of their own", () => {
  expect(lonely([1, null, 2, 3, null, null, 0])).toEqual([0, 6]);
  expect(lonely([5])).toEqual([0]);
  expect(lonely([null, null])).toEqual([]);
  expect(lonely([])).toEqual([]);
});
