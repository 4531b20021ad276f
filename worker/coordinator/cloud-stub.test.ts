import { expect, test } from "vitest";
import { mergeTags } from "./merged-lists.ts";
import { ModelList } from "./placement/model-list.ts";
import { agentOf } from "./testing/fleet.ts";

test.each<[string, object]>([
  ["its host", { remote_host: "https://ollama.com:443" }],
  ["its name there", { remote_model: "gpt-oss:120b" }],
])("a model of ollama.com is known by %s, gets no request and is in no list", (_, field) => {
  const agent = agentOf("a", { models: [] });
  agent.update({ models: [{ name: "mine" }, { name: "stub", ...field }] });
  expect([...agent.replicas].map(({ model }) => model)).toEqual(["mine:latest"]);
  expect(agent.model("stub:latest")).toBeUndefined();
  expect(mergeTags([agent]).map(({ name }) => name)).toEqual(["mine"]);
  const wishes = { wished: new Map(), view: () => expect.fail("nothing is wished") };
  const list = new ModelList(() => [agent], wishes);
  expect(list.page(undefined, 9).items.map(({ name }) => name)).toEqual(["mine"]);
  expect(list.one("stub").agents).toEqual([]);
});
