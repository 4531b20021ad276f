import { expect, test } from "vitest";
import { pairingBlock } from "./pairing-block.ts";

test("a pairing code stands in a block of its own, with where to type it and for how long", () => {
  const block = pairingBlock("XKCD-4821", "https://llm.example.com/a/rather/long/prefix/dashboard");
  const lines = block.trim().split("\n");
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  for (const part of ["XKCD-4821", "https://llm.example.com/a/rather/long/prefix/dashboard", "10 minutes"])
    expect(block).toContain(part);
});

test("a code cannot steer the terminal", () => {
  expect(pairingBlock("XK\u001b[2J", "https://c.example/dashboard")).not.toContain("\u001b");
});
