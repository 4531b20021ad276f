import { expect, test } from "vitest";
import type { FeedAgent } from "../../../../../shared/api/feed.ts";
import type { ModelView } from "../../../../../shared/api/models.ts";
import { foundModels, offeredModels, taggedModels } from "./offered-model.ts";

const holder = { id: "1", name: "attic", online: true, loaded: false } as ModelView["agents"][number];
const view = (name: string, change: Partial<typeof holder> = {}): ModelView =>
  ({ name, agents: [{ ...holder, ...change }] }) as unknown as ModelView;
const tag = (name: string, capabilities?: string[]) => ({ name, capabilities });
const names = (models: readonly { name: string }[]) => models.map(({ name }) => name);

test("the list is read as Ollama gives it, and what is no model is left out", () => {
  const answer = { models: [{ name: "a:1" }, { name: 3 }, null, { name: "b", capabilities: ["vision", 1] }] };
  expect(taggedModels(answer)).toEqual([tag("a:1"), tag("b", ["vision"])]);
  expect([taggedModels(null), taggedModels("x"), taggedModels({})]).toEqual([[], [], []]);
});

test("those in memory come first, then by name", () => {
  const models = offeredModels(
    [tag("c"), tag("a"), tag("b"), tag("alias")],
    [view("a"), view("b", { loaded: true }), view("c", { loaded: true, online: false })],
    new Map(),
  );
  expect(names(models)).toEqual(["b", "a", "alias", "c"]);
  expect(models.find(({ name }) => name === "alias")?.machines).toEqual([]);
});

test("what the feed says of a machine is newer than the list", () => {
  const agent = { id: "1", name: "loft", status: "offline", loaded: ["a"] } as unknown as FeedAgent;
  const [model] = offeredModels([tag("a")], [view("a")], new Map([["1", agent]]));
  expect(model).toMatchObject({ loaded: false, machines: [{ name: "loft", online: false, loaded: true }] });
});

test("what only embeds is not offered; what does not say is", () => {
  const models = offeredModels([tag("e", ["embedding"]), tag("c", ["completion"]), tag("x")], [], new Map());
  expect(names(models)).toEqual(["c", "x"]);
});

test("a model is found by parts of its name in any order", () => {
  const models = offeredModels([tag("qwen3:8b"), tag("llama3.2:3b")], [], new Map());
  expect(names(foundModels(models, "8B qwen"))).toEqual(["qwen3:8b"]);
  expect(names(foundModels(models, " "))).toHaveLength(2);
});
