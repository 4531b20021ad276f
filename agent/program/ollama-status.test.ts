import { expect, test } from "vitest";
import { ollamaStatus } from "./ollama-status.ts";

const KEPT = {
  source: "managed",
  url: "http://127.0.0.1:11434",
  problem: undefined,
  updateAvailable: undefined,
  previousVersion: undefined,
  managedVersion: "0.33.0",
} as const;

test("after an update the new version is told, whatever was seen last", () => {
  expect(ollamaStatus(KEPT, { ollama: "ok", ollama_version: "0.32.1" }).version).toBe("0.33.0");
});

test("of the user's own server the version is what it says itself", () => {
  const attached = { ...KEPT, source: "attached", managedVersion: undefined } as const;
  expect(ollamaStatus(attached, { ollama: "ok", ollama_version: "0.30.0" }).version).toBe("0.30.0");
  expect(ollamaStatus(attached, { ollama: "absent", ollama_version: "0.30.0" }).version).toBeNull();
});
