import { expect, test } from "vitest";
import { sorted, sortOf, sortText } from "./sort.ts";

const rows = [
  { id: 1, name: "machine-10", load: null },
  { id: 2, name: "Machine-2", load: 5 },
  { id: 3, name: "machine-1", load: 5 },
];
const ids = (list: readonly { id: number }[]) => list.map(({ id }) => id);

test("names are sorted as people count", () => {
  expect(ids(sorted(rows, ({ name }) => name, false))).toEqual([3, 2, 1]);
  expect(ids(sorted(rows, ({ name }) => name, true))).toEqual([1, 2, 3]);
});

test("what has no value comes last both ways, and equals stay in their order", () => {
  expect(ids(sorted(rows, ({ load }) => load, false))).toEqual([2, 3, 1]);
  expect(ids(sorted(rows, ({ load }) => load, true))).toEqual([2, 3, 1]);
});

test("an order comes back from an address as it went in, and a column that is none is no order", () => {
  for (const down of [true, false]) {
    const sort = { column: "load", down };
    expect(sortOf(sortText(sort), ["name", "load"])).toEqual(sort);
  }
  expect(sortOf("-nonsense", ["name"])).toBeUndefined();
  expect(sortOf("", ["name"])).toBeUndefined();
});
