import { expect, test } from "vitest";
import { digestOf, parseChecksums } from "./checksums.ts";

const hex = "0123456789abcdef".repeat(4);

test("sha256sum.txt is read as Ollama's releases have it, and anything else in it is left out", () => {
  const sums = parseChecksums(
    [
      `${hex}  ./ollama-linux-amd64.tar.zst`,
      `${hex.toUpperCase()} *plain.zip\r`,
      "# comment",
      `${hex.slice(1)}  ./short`,
    ].join("\n"),
  );
  expect([...sums]).toEqual([
    ["ollama-linux-amd64.tar.zst", hex],
    ["plain.zip", hex],
  ]);
});

test("a digest counts only when it is a SHA-256", () => {
  expect(digestOf(`sha256:${hex}`)).toBe(hex);
  for (const other of [null, undefined, "", hex, `sha512:${hex}`]) expect(digestOf(other)).toBeUndefined();
});
