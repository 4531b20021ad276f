import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROGRAM_VERSION } from "../../shared/protocol/version.ts";
import { ROOT } from "./folders.ts";
import { NODE_VERSION } from "./targets.ts";

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

test("the executables contain the very Node that the tests run with", () => {
  expect(NODE_VERSION).toBe(manifest.devDependencies.node);
});

test("the programs call themselves what the archives are called", () => {
  expect(PROGRAM_VERSION).toBe(manifest.version);
});
