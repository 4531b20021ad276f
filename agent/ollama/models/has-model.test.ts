import { expect, test } from "vitest";
import { hasModel } from "./has-model.ts";

test.each(["gemma3:4b", "GEMMA3:4B", "library/gemma3:4b", "registry.ollama.ai/library/gemma3:4b"])(
  "%s is there when gemma3:4b is",
  (wanted) => {
    expect(hasModel([{ name: "tiny:latest" }, { name: "gemma3:4b" }], wanted)).toBe(true);
  },
);

test("another tag, namespace or nothing at all is another model", () => {
  const installed = [{ name: "tiny:latest" }, { name: "gemma3:4b" }];
  expect(hasModel(installed, "tiny")).toBe(true);
  for (const wanted of ["gemma3", "gemma3:12b", "me/gemma3:4b"])
    expect(hasModel(installed, wanted)).toBe(false);
  expect(hasModel([], "tiny")).toBe(false);
});
