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

/** A request that took that long, seconds. */
async function served(replica: Replica, ending: Partial<Ending>, took = 10): Promise<void> {
  const clock = new FakeClock();
  const options = {
    clock,
    numCtx: undefined,
    again: false,
    charge: () => {},
    freed: () => {},
  };
  const grant = occupy(replica, "fastest", options);
  await clock.advance(took * 1_000);
  grant.release({ verdict: "success", ...ending });
}

test("an answer that was over at once says nothing of how fast its machine is", async () => {
  const replica = replicaOf("a");
  await served(replica, { answer: { tokens: 3, seconds: 0.000_02 } });
  expect(replica.speed.value).toBeUndefined();
  await served(replica, { answer: { tokens: 100, seconds: 2 } });
  expect(replica.speed.value).toBe(50);
});

test("a load that was measured on one machine is known of others, until they have measured their own", async () => {
  const registry = new Registry();
  const [first, second] = ["a", "b"].map((id) => {
    const agent = registry.add(storedAgent(id));
    agent.update({ models: [{ name: "m" }] });
    return agent.replica("m:latest");
  });
  if (first === undefined || second === undefined) throw new Error("no m");
  expect(second.loadS).toBeUndefined();
  await served(first, { loadS: 8 });
  expect([first.loadS, second.loadS]).toEqual([8, 8]);
  await served(second, { loadS: 3 });
  expect([first.loadS, second.loadS]).toEqual([8, 3]);
});

test("no more of a load is believed than the request was seen to take", async () => {
  const replica = replicaOf("a");
  await served(replica, { loadS: 9e6 });
  expect(replica.loadS).toBe(10);
});

test("where Ollama does not say how long it loaded, the time to the first byte tells, or what other requests took", async () => {
  const streams = replicaOf("a");
  await served(streams, { streamedS: 4 }, 24);
  expect([streams.loadS, streams.serviceS]).toEqual([20, 4]);

  const whole = replicaOf("b");
  await served(whole, {}, 24);
  expect([whole.loadS, whole.serviceS]).toEqual([undefined, undefined]);
  await served(whole, {}, 5);
  whole.agent.update({ loaded: [] });
  await served(whole, {}, 25);
  expect([whole.loadS, whole.serviceS]).toEqual([20, 5]);
});

test("who asks for no context finds a model loaded with somebody's as one that has to be loaded", async () => {
  const replica = replicaOf("a");
  replica.agent.update({ loaded: [{ name: "m", context_length: 4_096 }] });
  expect([replica.isLoaded(undefined), replica.isLoaded(4_096), replica.isLoaded(8_192)]).toEqual([
    true,
    true,
    false,
  ]);
  replica.sent(8_192, 0);
  replica.agent.update({ loaded: [{ name: "m", context_length: 8_192 }] });
  expect([replica.isLoaded(undefined), replica.isLoaded(8_192)]).toEqual([false, true]);
});
