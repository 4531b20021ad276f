import { expect, test } from "vitest";
import { harmless } from "./harmless.ts";

test("marks that turn the text around them are seen instead of obeyed", () => {
  expect(harmless("a\u202egpj.exe")).toBe("a‹U+202E›gpj.exe");
  expect(harmless("\u2066x\u2069\u200f\u0007\n")).toBe("‹U+2066›x‹U+2069›‹U+200F›‹U+0007›‹U+000A›");
});

test("names of people in any script stay as they are", () => {
  for (const name of ["机器-1", "マシン", "عربي", "qwen3:32b", "a b"]) expect(harmless(name)).toBe(name);
});

test("ten kilobytes are cut", () => {
  expect(harmless("x".repeat(10_240))).toHaveLength(301);
});
