import { expect, test } from "vitest";
import { Registry } from "../registry.ts";
import { storedAgent } from "../testing/bench.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { agentOf } from "../testing/fleet.ts";
import { type Ending, occupy } from "./grant.ts";
import type { Replica } from "./replica.ts";

function replicaOf(id: string): Replica {
  const found = agentOf(id).replica("m:latest");
  if (found === undefined) throw new Error("no m");
  return found;
}

function served(replica: Replica, ending: Partial<Ending>): void {
  const options = {
    clock: new FakeClock(),
    numCtx: undefined,
    again: false,
    charge: () => {},
    freed: () => {},
  };
  occupy(replica, "", options).release({ verdict: "success", ...ending });
}

test("an answer that was over at once says nothing of how fast its machine is", () => {
  const replica = replicaOf("a");
  served(replica, { answer: { tokens: 3, seconds: 0.000_02 } });
  expect(replica.speed.value).toBeUndefined();
  served(replica, { answer: { tokens: 100, seconds: 2 } });
  expect(replica.speed.value).toBe(50);
});

test("a load that was measured on one machine is known of others, until they have measured their own", () => {
  const registry = new Registry();
  const [first, second] = ["a", "b"].map((id) => {
    const agent = registry.add(storedAgent(id));
    agent.update({ models: [{ name: "m" }] });
    return agent.replica("m:latest");
  });
  if (first === undefined || second === undefined) throw new Error("no m");
  expect(second.loadS).toBeUndefined();
  served(first, { loadS: 8 });
  expect([first.loadS, second.loadS]).toEqual([8, 8]);
  served(second, { loadS: 3 });
  expect([first.loadS, second.loadS]).toEqual([8, 3]);
});
