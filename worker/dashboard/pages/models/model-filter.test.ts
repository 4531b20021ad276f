import { expect, test } from "vitest";
import type { ModelView } from "../../../../shared/api/models.ts";
import { filterModels } from "./model-filter.ts";

const copy = { id: "1", name: "tower", online: true, digest: "d", size: 1, loaded: false } as const;
const model = (name: string, more: Partial<ModelView> = {}): ModelView => ({
  name,
  size: 1,
  digest: "d",
  conflict: false,
  digests: [],
  agents: [{ ...copy, context_length: null, size_vram: null }],
  placement: null,
  ...more,
});
const standing = { have: 1, pulling: [], missing: 0, problem: null };
const placed = { replicas: 2, agents: null, tags: null, state: standing };

const all = [
  model("llama3.2:3b"),
  model("qwen3:8b", { conflict: true }),
  model("gemma3:12b", { placement: placed }),
  model("phi4", { placement: { ...placed, state: { ...standing, missing: 1 } } }),
];
const names = (text: string, show: string): string[] =>
  filterModels(all, { text, show }).map(({ name }) => name);

test("no filter leaves the very same list", () => {
  expect(filterModels(all, { text: "", show: "nonsense" })).toBe(all);
});

test("a model is found by its name and by a machine that has it", () => {
  expect(names("QWEN", "")).toEqual(["qwen3:8b"]);
  expect(names("tower gemma", "")).toEqual(["gemma3:12b"]);
});

test("what needs attention is a conflict, or a copy that is missing", () => {
  expect(names("", "trouble")).toEqual(["qwen3:8b", "phi4"]);
  expect(names("", "conflict")).toEqual(["qwen3:8b"]);
  expect(names("", "placement")).toEqual(["gemma3:12b", "phi4"]);
  expect(names("", "loaded")).toEqual([]);
});
