import { expect, test } from "vitest";
import type { Outcome } from "../core/agent.ts";
import { AgentLoop, type LoopEnd } from "./agent-loop.ts";

/** Runs until it is told to end. */
class FakeAgent {
  readonly ran = Promise.withResolvers<Outcome>();
  run(): Promise<Outcome> {
    return this.ran.promise;
  }
  async stop(): Promise<void> {
    this.ran.resolve({ type: "stopped" });
  }
}

function looping({ attended = true, configured = true } = {}) {
  const agents: FakeAgent[] = [];
  const ends: LoopEnd[] = [];
  const state = { configured };
  const loop = new AgentLoop<FakeAgent>({
    make: () => (state.configured ? new FakeAgent() : undefined),
    attended,
    begins: (agent) => agents.push(agent),
    over: () => {},
    ended: (end) => ends.push(end),
  });
  return { loop, agents, ends, state, over: loop.run() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const NOT_PAIRED: Outcome = { type: "not_paired", why: "expired", message: "nobody came" };

test("where nobody attends, the first end is the end", async () => {
  const { over, agents, ends } = looping({ attended: false });
  await settled();
  agents[0]?.ran.resolve(NOT_PAIRED);
  expect(await over).toEqual(NOT_PAIRED);
  expect(ends).toEqual([NOT_PAIRED]);
  expect(await looping({ attended: false, configured: false }).over).toEqual({ type: "unconfigured" });
});

test("where somebody attends, an end waits for them", async () => {
  const { loop, over, agents, ends } = looping();
  await settled();
  agents[0]?.ran.resolve(NOT_PAIRED);
  await settled();
  expect([agents.length, ends, loop.agent]).toEqual([1, [NOT_PAIRED], undefined]);
  await loop.again();
  await settled();
  expect(agents).toHaveLength(2);
  await loop.stop({ graceMs: 0 });
  expect(await over).toEqual({ type: "stopped" });
});

test("new settings end the agent that runs and start another, and nobody is told of an end", async () => {
  const { loop, agents, ends, over } = looping();
  await settled();
  await loop.again();
  await settled();
  expect([agents.length, ends]).toEqual([2, []]);
  await loop.stop({ graceMs: 0 });
  await over;
});

test("without a coordinator it waits until there is one", async () => {
  const { loop, agents, ends, state, over } = looping({ configured: false });
  await settled();
  expect(ends).toEqual([{ type: "unconfigured" }]);
  state.configured = true;
  await loop.again();
  await settled();
  expect(agents).toHaveLength(1);
  await loop.stop({ graceMs: 0 });
  expect(await over).toEqual({ type: "stopped" });
});

test("logged out, the agent is over before it is forgotten, and only then is it told", async () => {
  const { loop, agents, ends, over } = looping();
  await settled();
  const journal: string[] = [];
  void agents[0]?.ran.promise.then(() => journal.push("over"));
  await loop.leave(async () => void journal.push("forgotten"));
  expect(journal).toEqual(["over", "forgotten"]);
  await settled();
  expect(ends).toEqual([{ type: "logged_out" }]);
  await loop.leave(async () => void journal.push("again"));
  expect(ends).toHaveLength(2);
  await loop.stop({ graceMs: 0 });
  await over;
});

test("two that log out at the same time both hear of it", async () => {
  const { loop, ends, over } = looping();
  await settled();
  let times = 0;
  const forget = async (): Promise<void> => void times++;
  await Promise.all([loop.leave(forget), loop.leave(forget)]);
  await settled();
  expect([times, ends]).toEqual([1, [{ type: "logged_out" }]]);
  await loop.stop({ graceMs: 0 });
  await over;
});

test("what cannot be forgotten is not said to be", async () => {
  const { loop, ends, over } = looping();
  await settled();
  await expect(loop.leave(() => Promise.reject(new Error("EACCES")))).rejects.toThrow("EACCES");
  await settled();
  expect(ends).toEqual([{ type: "fatal", message: "cannot forget who this machine is: EACCES" }]);
  await loop.stop({ graceMs: 0 });
  await over;
});

test("who is told of an end can start over at once", async () => {
  const agents: FakeAgent[] = [];
  const loop: AgentLoop<FakeAgent> = new AgentLoop<FakeAgent>({
    make: () => new FakeAgent(),
    attended: true,
    begins: (agent) => agents.push(agent),
    over: () => {},
    ended: () => void loop.again(),
  });
  const over = loop.run();
  await settled();
  agents[0]?.ran.resolve(NOT_PAIRED);
  await settled();
  expect(agents).toHaveLength(2);
  await loop.stop({ graceMs: 0 });
  await over;
});
