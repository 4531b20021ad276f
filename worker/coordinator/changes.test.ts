import { expect, test } from "vitest";
import { changes } from "./changes.ts";

test("only what is not as it was is told, on both sides", () => {
  expect(changes({ a: 1, b: [1], c: null, d: "x" }, { a: 2, b: [1, 2], c: null, d: "x" })).toEqual({
    before: { a: 1, b: [1] },
    after: { a: 2, b: [1, 2] },
  });
});

test("a table is looked into: what came, went and changed in it", () => {
  const before = { queue: { timeout_s: 1, max_length: 2 }, aliases: { a: "x", b: "y" } };
  const after = { queue: { timeout_s: 9, max_length: 2 }, aliases: { b: "z", c: "w" } };
  expect(changes(before, after)).toEqual({
    before: { queue: { timeout_s: 1 }, aliases: { a: "x", b: "y" } },
    after: { queue: { timeout_s: 9 }, aliases: { b: "z", c: "w" } },
  });
});

test("the same table in another order is no change", () => {
  expect(changes({ aliases: { a: "x", b: "y" } }, { aliases: { b: "y", a: "x" } })).toBeUndefined();
});

test("nothing changed is no change", () => {
  expect(changes({ a: { b: [1] } }, { a: { b: [1] } })).toBeUndefined();
});

test("a name that means something to JavaScript is a name", () => {
  const after = JSON.parse('{"aliases":{"__proto__":"x"}}');
  expect(JSON.stringify(changes({ aliases: {} }, after))).toBe(
    '{"before":{"aliases":{}},"after":{"aliases":{"__proto__":"x"}}}',
  );
});
