import { expect, test } from "vitest";
import { aliasFaults } from "./alias-rules.ts";
import { resolve, type Substitutions, tableOf } from "./aliases.ts";

const settings = (
  aliases: Substitutions["aliases"],
  fallbacks: Substitutions["fallbacks"] = {},
): Substitutions => ({ aliases, fallbacks });

const names = (asked: string, from: Substitutions): string[] =>
  resolve(asked, from).candidates.map(({ name }) => name);

test("a name that nothing is said of stands for itself, as it was written", () => {
  expect(resolve("TINY", settings({}))).toEqual({
    candidates: [{ name: "TINY", model: "tiny:latest", fallback: false }],
    replaced: false,
  });
});

test("an alias stands for its target, through others, whatever form it is asked in", () => {
  const from = settings({ "gpt-4": "gpt-4o", "gpt-4o": "qwen3:32b" });
  for (const asked of ["gpt-4", "GPT-4:latest", " gpt-4o "]) {
    expect(resolve(asked, from)).toEqual({
      candidates: [{ name: "qwen3:32b", model: "qwen3:32b", fallback: false }],
      replaced: true,
    });
  }
});

test("an alias is looked up once for each table, and a name that a client made up is not kept", () => {
  const from = settings({ "gpt-4": "a" });
  expect(resolve("GPT-4:latest", from)).toBe(resolve("gpt-4", from));
  for (let made = 0; made < 100; made++) resolve(`made-up-${made}`, from);
  expect(tableOf(from).resolved.size).toBe(1);
});

test("fallbacks follow in order, each with its own behind it, and none twice", () => {
  const from = settings(
    { "gpt-4o": "a", small: "d" },
    { a: ["b", "small", "c"], b: ["e", "d"], "gpt-4o": ["f"] },
  );
  expect(names("gpt-4o", from)).toEqual(["a", "b", "e", "d", "c", "f"]);
  expect(resolve("A:latest", from)).toMatchObject({ replaced: false });
  expect(names("A:latest", from)).toEqual(["A:latest", "b", "e", "d", "c"]);
});

test("what only fallbacks lead to is told from what aliases put there", () => {
  const from = settings({ x: "y", y: "a", small: "d" }, { a: ["b", "small"], x: ["c"] });
  expect(resolve("x", from).candidates.map(({ name, fallback }) => [name, fallback])).toEqual([
    ["a", false],
    ["b", true],
    ["d", true],
    ["c", true],
  ]);
});

test("a cycle that an earlier release has stored ends somewhere", () => {
  expect(resolve("a", settings({ a: "b", b: "a" }))).toEqual({
    candidates: [{ name: "a", model: "a:latest", fallback: false }],
    replaced: false,
  });
  expect(names("a", settings({}, { a: ["b"], b: ["a"] }))).toEqual(["a", "b"]);
});

test.each<[string, Substitutions, object]>([
  ["an alias of itself", settings({ a: "A:latest" }), { aliases: "has the cycle a → A:latest" }],
  ["two aliases", settings({ a: "b", b: "library/a" }), { aliases: "has the cycle a → b → library/a" }],
  [
    "a tail before it",
    settings({ x: "a", a: "b", b: "c", c: "a" }),
    { aliases: "has the cycle a → b → c → a" },
  ],
  ["fallbacks alone", settings({}, { a: ["c", "b"], b: ["a"] }), { fallbacks: "has the cycle a → b → a" }],
  ["both tables", settings({ a: "b" }, { b: ["a"] }), { aliases: "has the cycle a → b → a" }],
  ["one alias twice", settings({ a: "x", "A:latest": "x" }), { aliases: /^has one model.*a and A:latest$/ }],
  ["one fallback twice", settings({}, { a: ["x"], A: ["y"] }), { fallbacks: /^has one model.*a and A$/ }],
])("%s is refused and shown", (_, from, fields) => {
  const texts = Object.fromEntries(
    Object.entries(fields).map(([field, text]) => [
      field,
      text instanceof RegExp ? expect.stringMatching(text) : text,
    ]),
  );
  expect(aliasFaults(from, ["aliases"])).toEqual(texts);
});

test("a cycle through both tables is told to whoever changes one as his own", () => {
  const both = settings({ a: "b" }, { b: ["a"] });
  expect(Object.keys(aliasFaults(both, ["fallbacks"]) ?? {})).toEqual(["fallbacks"]);
  expect(Object.keys(aliasFaults(both, ["aliases", "fallbacks"]) ?? {})).toEqual(["aliases", "fallbacks"]);
});

test("chains, two ways to one model and long tables are no cycle", () => {
  expect(
    aliasFaults(settings({ a: "b", b: "c", x: "c" }, { c: ["d", "e"], e: ["d"] }), ["aliases"]),
  ).toBeUndefined();
  const chain = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`m${at}`, `m${at + 1}`]));
  expect(aliasFaults(settings(chain), ["aliases"])).toBeUndefined();
  expect(names("m0", settings(chain))).toEqual(["m200"]);
});
