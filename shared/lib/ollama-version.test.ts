import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, hasRoute } from "./ollama-version.ts";

test("versions from oldest to newest stand in this order", () => {
  const ordered = [
    "0.1",
    "0.9.10",
    "0.13.3-rc1",
    "0.13.3-rc9",
    "0.13.3-rc10",
    "0.13.3",
    "0.13.10",
    "0.20.0",
    "1.0.0",
  ];
  for (const [index, older] of ordered.entries()) {
    for (const newer of ordered.slice(index + 1)) {
      expect([older, newer, Math.sign(compareVersions(older, newer))]).toEqual([older, newer, -1]);
      expect([newer, older, Math.sign(compareVersions(newer, older))]).toEqual([newer, older, 1]);
    }
    expect(compareVersions(older, older)).toBe(0);
  }
});

test("a leading v and a missing part change nothing", () => {
  expect(compareVersions("v0.20.0", "0.20")).toBe(0);
  expect(compareVersions("0.20.0-rc0", "v0.20.0-rc0")).toBe(0);
});

test("numbers are compared as numbers", () => {
  const part = fc.integer({ min: 0, max: 300 });
  fc.assert(
    fc.property(fc.tuple(part, part, part), fc.tuple(part, part, part), (a, b) => {
      const expected = Math.sign(a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
      expect(Math.sign(compareVersions(a.join("."), b.join(".")))).toBe(expected);
    }),
  );
});

test.each([
  ["0.13.3", "0.13.3", true],
  ["0.13.2", "0.13.3", false],
  ["0.13.10", "0.13.3", true],
  ["0.13.3-rc0", "0.13.3", true],
  ["0.14.0-rc1", "0.14.0", true],
  ["v0.14.1", "0.14.0", true],
  ["0.0.0", "0.14.0", true],
  ["0.0.0-dev", "0.14.0", true],
  ["my build", "0.14.0", true],
  ["", "0.14.0", true],
  [undefined, "0.14.0", true],
  ["0.1.0", undefined, true],
] as const)("Ollama %s and a route since %s: %s", (version, since, has) => {
  expect(hasRoute(version, since)).toBe(has);
});
