import { expect, test } from "vitest";
import type { Agent } from "../agent.ts";
import { agentOf } from "../testing/fleet.ts";
import { standingOf } from "./standing.ts";
import { Wish } from "./wish.ts";

const GB = 1e9;
/** More than any machine has. */
const LIE = Number.MAX_SAFE_INTEGER;

/** A machine with 64 GB of memory and a large disk; `size`: of its copy of the model m, bytes. */
function machine(id: string, size: number | undefined, tags: string[]): Agent {
  const agent = agentOf(id, { models: [] });
  agent.facts = { ...agent.facts, allow_manage: true };
  agent.record = { ...agent.record, tags };
  agent.update({
    models: size === undefined ? [] : [{ name: "m", size }],
    disk_free_mb: 1_000_000,
    memory_total_mb: 64_000,
  });
  return agent;
}

test.each<[string, number[], number[], boolean]>([
  ["one that says nonsense blocks nothing while others say otherwise", [5 * GB, 5 * GB, LIE], [], true],
  ["of several equally common sizes the smallest counts", [LIE, 5 * GB], [], true],
  ["what machines outside the wish say does not count beside those in it", [5 * GB], [LIE, LIE], true],
  ["where none in the wish has a copy, the others' word is taken", [], [100 * GB], false],
  ["where none in the wish has a copy, most of the others are believed", [], [5 * GB, 5 * GB, LIE], true],
  ["what most in the wish say holds, however large", [100 * GB, 100 * GB, 5 * GB], [5 * GB], false],
])("%s: %j in the wish, %j outside", (_, within, outside, pulls) => {
  const agents = [
    ...outside.map((size, at) => machine(`outside-${at}`, size, [])),
    ...within.map((size, at) => machine(`within-${at}`, size, ["ok"])),
    machine("lacking", undefined, ["ok"]),
  ];
  const wish = new Wish({ model: "m", replicas: 9, agents: null, tags: ["ok"] });
  const { candidates } = standingOf(wish, { agents, now: 1, pulling: new Set(), busy: new Set() });
  expect(candidates.map(({ id }) => id)).toEqual(pulls ? ["lacking"] : []);
});
