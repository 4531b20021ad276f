import { expect, test } from "vitest";
import type { AgentState } from "../../shared/protocol/messages.ts";
import type { Agent } from "./agent.ts";
import { lowestVersion, mergePs, mergeTags, withAliases } from "./merged-lists.ts";
import { agentOf } from "./testing/fleet.ts";

function saying(...states: AgentState[]): Agent[] {
  return states.map((state, index) => {
    const agent = agentOf(`a${index}`, { models: [] });
    agent.update(state);
    return agent;
  });
}

test("a model that several have is there once, with the newest digest, whatever the time zones", () => {
  const agents = saying(
    { models: [{ name: "m", modified_at: "2026-01-01T23:00:00+09:00", digest: "old" }] },
    { models: [{ name: "M:latest", modified_at: "2026-01-01T15:00:00Z", digest: "new" }] },
    { models: [{ name: "m:latest", digest: "undated" }] },
  );
  expect(mergeTags(agents)).toMatchObject([{ name: "M:latest", digest: "new" }]);
  expect(mergeTags([...agents].reverse())).toMatchObject([{ name: "M:latest", digest: "new" }]);
});

test("the newest is first, every field of Ollama's passes, and cloud stubs are left out", () => {
  const agents = saying({
    models: [
      { name: "a", modified_at: "2026-01-01T00:00:00Z", later: { field: 1 } },
      { name: "b", modified_at: "2026-01-02T00:00:00Z" },
      { name: "gpt-oss:120b-cloud", remote_host: "https://ollama.com:443", remote_model: "gpt-oss:120b" },
      { name: "stub", remote_model: "x" },
    ],
  });
  expect(mergeTags(agents)).toEqual([
    { name: "b", modified_at: "2026-01-02T00:00:00Z" },
    { name: "a", modified_at: "2026-01-01T00:00:00Z", later: { field: 1 } },
  ]);
});

test("of loaded models the one that stays longest counts", () => {
  const agents = saying(
    { loaded: [{ name: "m", expires_at: "2026-01-01T00:05:00Z" }] },
    {
      loaded: [
        { name: "m:latest", expires_at: "2026-01-01T00:09:00Z" },
        { name: "n", expires_at: "2026-01-02T00:00:00Z" },
      ],
    },
    {},
  );
  expect(mergePs(agents).map(({ name, expires_at }) => [name, expires_at])).toEqual([
    ["n", "2026-01-02T00:00:00Z"],
    ["m:latest", "2026-01-01T00:09:00Z"],
  ]);
});

test("the version is the lowest that anybody says", () => {
  const version = (ollama_version?: string): AgentState =>
    ollama_version === undefined ? {} : { ollama_version };
  expect(lowestVersion(saying(version("0.20.0"), version("0.9.1"), version(""), version()))).toBe("0.9.1");
  expect(lowestVersion([])).toBeUndefined();
});

test("an alias is listed under its name as its target is, while that or a fallback of it is there", () => {
  const settings = {
    aliases: { "gpt-4o": "big", "gpt-4": "gpt-4o", gone: "nowhere", local: "small" },
    fallbacks: { big: ["small"] },
  };
  const small = {
    name: "small:latest",
    model: "small:latest",
    digest: "s",
    modified_at: "2026-01-01T00:00:00Z",
  };
  const big = { name: "big:latest", digest: "b", modified_at: "2026-01-02T00:00:00Z" };
  const list = (...models: { name: string }[]): object[] => withAliases(models, settings, () => true);
  expect(list(big, small)).toEqual([
    big,
    { ...big, name: "gpt-4o" },
    { ...big, name: "gpt-4" },
    small,
    { ...small, name: "local", model: "local" },
  ]);
  expect(list(small).map((model) => Object.values(model)[0])).toEqual([
    "small:latest",
    "gpt-4o",
    "gpt-4",
    "local",
  ]);
  expect(list()).toEqual([]);
});

test("a real model under an alias's name is not listed: requests do not reach it", () => {
  const settings = { aliases: { a: "b", c: "nowhere" }, fallbacks: {} };
  const models = [
    { name: "A:latest", digest: "a" },
    { name: "b:latest", digest: "b" },
    { name: "c:latest", digest: "c" },
  ];
  expect(withAliases(models, settings, () => true)).toEqual([
    { name: "b:latest", digest: "b" },
    { name: "a", digest: "b" },
  ]);
  expect(withAliases(models, settings, (name) => name === "a")).toEqual([{ name: "a", digest: "b" }]);
});
