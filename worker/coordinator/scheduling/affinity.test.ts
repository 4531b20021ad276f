import { expect, test } from "vitest";
import { Affinity, type Home } from "./affinity.ts";

const home = (agentId: string): Home => ({ agentId, instanceId: `${agentId} runs` });

test("the machine that knows most of a conversation is found", () => {
  const affinity = new Affinity();
  affinity.remember(["a"], home("one"));
  affinity.remember(["a", "b"], home("two"));
  affinity.remember(["c"], home("three"));
  expect(
    [["a"], ["a", "b", "x"], ["x", "c"], ["x"], []].map((prefixes) => affinity.find(prefixes)?.agentId),
  ).toEqual(["two", "two", "three", undefined, undefined]);
});

test("what was not used for longest is forgotten first, and there are never more than ten thousand", () => {
  const affinity = new Affinity();
  for (let each = 0; each < 10_000; each++) affinity.remember([`${each}`], home("m"));
  affinity.remember(["0"], home("m"));
  for (let each = 0; each < 5; each++) affinity.remember([`new ${each}`], home("m"));
  expect(affinity.size).toBe(10_000);
  expect(["0", "1", "6"].map((prefix) => affinity.find([prefix])?.agentId)).toEqual(["m", undefined, "m"]);
});
