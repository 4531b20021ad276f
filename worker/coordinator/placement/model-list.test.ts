import { expect, test } from "vitest";
import type { AgentState } from "../../../shared/protocol/messages.ts";
import { Bench } from "../testing/bench.ts";

const fleet = async (states: Record<string, AgentState>) =>
  Bench.fleet(Object.fromEntries(Object.entries(states).map(([name, state]) => [name, { state }])));

const list = async (on: Bench, after?: string, limit = 100) => on.brain.listModels({ after, limit });

test("a model of several machines is one entry, however it is written, with what each of them has", async () => {
  const { bench, agent } = await fleet({
    a: {
      models: [{ name: "Qwen3:32B", size: 20, digest: "d1", modified_at: "2026-01-01T00:00:00Z" }],
      loaded: [{ name: "qwen3:32b", context_length: 8_192, size_vram: 18 }],
    },
    b: { models: [{ name: "qwen3:32b", size: 21, digest: "d1", modified_at: "2026-01-02T00:00:00Z" }] },
    c: {
      models: [{ name: "qwen3:32b" }],
      loaded: [{ name: "qwen3:32b", context_length: 4_096 }],
    },
  });
  agent("c").lose();
  const copy = { loaded: false, context_length: null, size_vram: null };
  expect((await list(bench)).items).toEqual([
    {
      name: "qwen3:32b",
      size: 21,
      digest: "d1",
      conflict: false,
      digests: [
        {
          digest: "d1",
          agents: [
            { id: "a", name: "a" },
            { id: "b", name: "b" },
          ],
        },
      ],
      agents: [
        {
          id: "a",
          name: "a",
          online: true,
          digest: "d1",
          size: 20,
          loaded: true,
          context_length: 8_192,
          size_vram: 18,
        },
        { ...copy, id: "b", name: "b", online: true, digest: "d1", size: 21 },
        { ...copy, id: "c", name: "c", online: false, digest: null, size: null },
      ],
      placement: null,
    },
  ]);
});

test("machines with different models under one name are a conflict that says who has which", async () => {
  const { bench } = await fleet({
    a: { models: [{ name: "m", digest: "d1" }] },
    b: { models: [{ name: "m", digest: "d2" }] },
    c: { models: [{ name: "m", digest: "d1" }] },
  });
  const [model] = (await list(bench)).items;
  expect(model).toMatchObject({ conflict: true });
  expect(model?.digests.map(({ digest, agents }) => [digest, agents.map(({ name }) => name)])).toEqual([
    ["d1", ["a", "c"]],
    ["d2", ["b"]],
  ]);
});

test("models of ollama.com are left out", async () => {
  const { bench } = await fleet({
    a: {
      models: [
        { name: "gpt-oss:120b-cloud", remote_host: "https://ollama.com:443", remote_model: "gpt-oss:120b" },
        { name: "alias", remote_model: "x" },
        { name: "own" },
      ],
    },
  });
  expect((await list(bench)).items.map(({ name }) => name)).toEqual(["own"]);
});

test("what is wished and nowhere yet is listed, with its placement", async () => {
  const { bench } = await fleet({ a: { models: [] } });
  const result = await bench.brain.putPlacement("hf.co/X/Y:Q4", { replicas: 2, agents: ["a"] });
  expect(result).toMatchObject({ ok: true, value: { name: "hf.co/X/Y:Q4", agents: [], size: null } });
  expect((await list(bench)).items).toMatchObject([
    { name: "hf.co/X/Y:Q4", placement: { replicas: 2, agents: ["a"], tags: null } },
  ]);
});

test("pages follow each other by name, also when a model goes between them", async () => {
  const { bench, agent } = await fleet({ a: { models: ["c", "a", "B", "d"].map((name) => ({ name })) } });
  const first = await list(bench, undefined, 2);
  expect(first).toMatchObject({ items: [{ name: "a" }, { name: "B" }], more: true });
  agent("a").tell({ models: [{ name: "c" }, { name: "d" }] });
  expect(await list(bench, "b:latest", 2)).toMatchObject({
    items: [{ name: "c" }, { name: "d" }],
    more: false,
  });
});
