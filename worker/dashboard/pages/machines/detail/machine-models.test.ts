import { expect, test } from "vitest";
import { modelsOf } from "./machine-models.ts";

test("models in memory come first, whatever case and tag their names have there", () => {
  const models = [
    { name: "apple:latest", size: 1 },
    { name: "Pear", size: 2, digest: "d" },
  ];
  const loaded = [{ name: "pear:latest", size_vram: 7, context_length: 4_096 }];
  expect(modelsOf({ models, loaded })).toEqual([
    { name: "Pear", size: 2, digest: "d", loaded: true, vram: 7, context: 4_096 },
    { name: "apple:latest", size: 1, digest: null, loaded: false, vram: null, context: null },
  ]);
});
