import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { StrategyName } from "../../../shared/api/settings.ts";
import type { Agent } from "../agent.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { agentOf, connect, disconnect, machinesOf } from "../testing/fleet.ts";
import { turn } from "../testing/turn.ts";
import { assess } from "./assess.ts";
import type { Decision } from "./dispatcher.ts";
import type { Grant } from "./grant.ts";
import { Scheduler } from "./scheduler.ts";
import type { Want } from "./want.ts";

const WINDOW = 15_000;
const DONE = { verdict: "success" } as const;

let clock: FakeClock;
let agents: Agent[];
let strategy: StrategyName;
let queue: { max_length: number; timeout_s: number };
let scheduler: Scheduler;

beforeEach(() => {
  clock = new FakeClock();
  agents = [];
  strategy = "round-robin";
  queue = { max_length: 100, timeout_s: 600 };
  scheduler = new Scheduler({
    clock,
    machines: machinesOf(() => agents),
    strategy: () => strategy,
    queue: () => queue,
    windowMs: () => WINDOW,
  });
});

interface Asked {
  decision: Decision | undefined | "waiting";
  leave: () => void;
  want: Want;
}

function ask(over: Partial<Want> = {}): Asked {
  const want: Want = {
    model: "m:latest",
    since: undefined,
    slot: true,
    pinned: undefined,
    avoid: new Set(),
    ticket: scheduler.ticket(),
    share: { id: "key", weight: 1 },
    ...over,
  };
  const asked: Asked = { decision: "waiting", leave: () => {}, want };
  const leave = scheduler.acquire(want, (decision) => {
    asked.decision = decision;
  });
  asked.leave = () => {
    leave();
    if (asked.decision === "waiting") asked.decision = undefined;
  };
  return asked;
}

function told({ decision }: Asked): string {
  if (decision === "waiting") return "waits";
  if (decision === undefined) return "left";
  return decision.kind === "refused"
    ? decision.refusal.code
    : `${decision.grant.agent.id}: ${decision.grant.reason}`;
}

function grantOf({ decision }: Asked): Grant {
  if (decision === undefined || decision === "waiting" || decision.kind !== "granted")
    throw new Error("no grant");
  return decision.grant;
}

describe("round robin", () => {
  test("three agents and nine requests are three each, in turn", async () => {
    agents = ["a", "b", "c"].map((id) => agentOf(id));
    const order: string[] = [];
    for (let number = 0; number < 9; number++) {
      const asked = ask();
      await turn();
      order.push(grantOf(asked).agent.id);
      grantOf(asked).release(DONE);
    }
    expect(order.join("")).toBe("abcabcabc");
  });

  test("an agent is passed over only by others that had their turn longer ago, whoever else could have", async () => {
    const subset = fc.subarray([0, 1, 2, 3, 4], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(subset, { maxLength: 60 }), async (subsets) => {
        agents = [0, 1, 2, 3, 4].map((index) => agentOf(`a${index}`));
        const lastTurn = new Map(agents.map((agent) => [agent, 0]));
        let turns = 0;
        for (const held of subsets) {
          agents.forEach((agent, index) => {
            agent.update({ models: held.includes(index) ? [{ name: "m" }] : [] });
          });
          const asked = ask();
          await Promise.resolve();
          await Promise.resolve();
          const { agent, release } = grantOf(asked);
          const candidates = agents.filter((_, index) => held.includes(index));
          const longest = Math.min(...candidates.map((each) => lastTurn.get(each) ?? 0));
          expect(candidates).toContain(agent);
          expect(lastTurn.get(agent)).toBe(longest);
          lastTurn.set(agent, ++turns);
          release(DONE);
        }
      }),
      { numRuns: 50 },
    );
  });

  test("goes on where it was after a restart", async () => {
    agents = ["a", "b", "c"].map((id) => agentOf(id));
    agents.forEach((agent, index) => {
      agent.turn = [7, 9, 8][index] ?? 0;
      scheduler.resumeTurns(agent.turn);
    });
    const [first, second] = [ask(), ask()];
    await turn();
    expect([told(first), told(second)]).toEqual(["a: round-robin", "c: round-robin"]);
    expect(Math.min(...agents.map(({ turn: last }) => last))).toBe(9);
  });
});

describe("least loaded", () => {
  beforeEach(() => {
    strategy = "least-loaded";
  });

  test("counts requests by slot, and takes turns among equals", async () => {
    agents = [agentOf("a", { slots: 4 }), agentOf("b", { slots: 2 })];
    const asked = Array.from({ length: 6 }, () => ask());
    await turn();
    expect(asked.map((each) => grantOf(each).agent.id).join("")).toBe("ababaa");
  });

  test("a machine under strain comes last", async () => {
    agents = [agentOf("a", { slots: 2 }), agentOf("b", { slots: 2 })];
    agents[0]?.update({ cpu_usage: 95 });
    const asked = Array.from({ length: 4 }, () => ask());
    await turn();
    expect(asked.map((each) => grantOf(each).agent.id).join("")).toBe("bbaa");
  });
});

test("says why: pinned, the only holder, or the strategy", async () => {
  agents = [agentOf("a", { slots: 9 }), agentOf("b", { slots: 9, models: ["m", "x"] })];
  const asked = [ask(), ask({ model: "x:latest" }), ask({ pinned: "b" })];
  await turn();
  expect(asked.map(told)).toEqual(["a: round-robin", "b: only-holder", "b: pinned"]);
});

test("who waits is served in the order of arrival, and a newcomer does not pass them", async () => {
  agents = [agentOf("a")];
  const first = ask();
  await turn();
  const waiting = [ask(), ask(), ask()];
  await turn();
  expect(waiting.map(told)).toEqual(["waits", "waits", "waits"]);
  grantOf(first).release(DONE);
  const newcomer = ask();
  await turn();
  expect([...waiting, newcomer].map(told)).toEqual(["a: only-holder", "waits", "waits", "waits"]);
  expect(scheduler.waiting).toBe(3);
});

test("who waited before a machine was lost is not behind those who have come since when it is back", async () => {
  const machine = agentOf("a");
  agents = [machine];
  const share = (id: string): Pick<Want, "share"> => ({ share: { id, weight: 1 } });
  for (let request = 0; request < 5; request++) {
    const asked = ask(share("early"));
    await clock.advance(10_000);
    grantOf(asked).release(DONE);
  }
  const under = ask(share("early"));
  const early = ask(share("early"));
  disconnect(machine, clock.now());
  grantOf(under).release({ verdict: "neutral" });
  const late = Array.from({ length: 3 }, () => ask(share("late")));
  connect(machine);
  scheduler.pump();
  expect([early, ...late].map(told)).toEqual(["a: only-holder", "waits", "waits", "waits"]);
});

test("one that waits for another model does not hold up those behind it", async () => {
  agents = [agentOf("a", { models: ["x"] }), agentOf("b")];
  const [x, m] = [ask({ model: "x:latest" }), ask()];
  await turn();
  const [waitsForX, waitsForM] = [ask({ model: "x:latest" }), ask()];
  await turn();
  grantOf(m).release(DONE);
  await turn();
  expect([waitsForX, waitsForM].map(told)).toEqual(["waits", "b: only-holder"]);
  grantOf(x).release(DONE);
  await turn();
  expect(told(waitsForX)).toBe("a: only-holder");
});

test("a retry goes to its old place, also into a line that is full", async () => {
  queue.max_length = 2;
  agents = [agentOf("a"), agentOf("b")];
  const [onA, onB] = [ask(), ask()];
  await turn();
  const waiting = [ask(), ask()];
  expect(told(ask())).toBe("queue_full");
  await turn();
  disconnect(agents[1] ?? agentOf("?"), clock.now() - WINDOW);
  grantOf(onB).release(DONE);
  const retry = ask({ ticket: onB.want.ticket, avoid: new Set(["b"]) });
  const refused = ask();
  await turn();
  expect([...waiting, retry, refused].map(told)).toEqual(["waits", "waits", "waits", "queue_full"]);
  grantOf(onA).release(DONE);
  await turn();
  expect([...waiting, retry].map(told)).toEqual(["waits", "waits", "a: only-holder"]);
});

test("a line of no length lets nobody wait", async () => {
  queue.max_length = 0;
  agents = [agentOf("a")];
  const [granted, refused] = [ask(), ask()];
  await turn();
  expect([granted, refused].map(told)).toEqual(["a: only-holder", "queue_full"]);
  expect(clock.timers).toBe(0);
});

test("the timeout counts from the first arrival, over retries", async () => {
  queue.timeout_s = 60;
  agents = [agentOf("a")];
  ask();
  const early = ask();
  await clock.advance(30_000);
  const late = ask();
  const retry = ask({ ticket: early.want.ticket, avoid: new Set(["x"]) });
  await clock.advance(29_999);
  expect([early, late, retry].map(told)).toEqual(["waits", "waits", "waits"]);
  await clock.advance(1);
  expect([early, late, retry].map(told)).toEqual(["queue_timeout", "waits", "queue_timeout"]);
  const tooLate = ask({ ticket: early.want.ticket });
  await clock.advance(30_000);
  expect([late, tooLate].map(told)).toEqual(["queue_timeout", "queue_timeout"]);
  expect(clock.timers).toBe(0);
});

test("a timeout that was shortened holds for those that wait already", async () => {
  agents = [agentOf("a")];
  ask();
  const waiting = ask();
  await clock.advance(30_000);
  queue.timeout_s = 20;
  scheduler.pump();
  await turn();
  expect(told(waiting)).toBe("queue_timeout");
});

test("one that waits for an agent to come back is refused when its window is over, and served when it comes", async () => {
  const agent = agentOf("a");
  agents = [agent, agentOf("b", { models: [] })];
  disconnect(agent, clock.now());
  const lost = ask();
  await clock.advance(WINDOW - 1);
  expect(told(lost)).toBe("waits");
  await clock.advance(1);
  expect(told(lost)).toBe("model_offline");

  disconnect(agent, clock.now());
  const found = ask();
  await clock.advance(5_000);
  connect(agent);
  scheduler.pump();
  await turn();
  expect(told(found)).toBe("a: only-holder");
  expect(clock.timers).toBe(0);
});

test("releasing twice frees one slot", async () => {
  agents = [agentOf("a", { slots: 2 })];
  const [first] = [ask(), ask()];
  await turn();
  const grant = grantOf(first);
  grant.release(DONE);
  grant.release(DONE);
  expect(agents[0]?.inFlight).toBe(1);
});

test("show takes no slot, waits for none and gives none back", async () => {
  agents = [agentOf("a")];
  const busy = ask();
  const show = ask({ slot: false });
  await turn();
  expect(told(show)).toBe("a: only-holder");
  expect(agents[0]?.inFlight).toBe(1);
  grantOf(show).release(DONE);
  expect(agents[0]?.inFlight).toBe(1);
  grantOf(busy).release(DONE);
  expect(agents[0]?.inFlight).toBe(0);
});

test("one that leaves the line is gone from it with its timer, and leaving again does nothing", async () => {
  agents = [agentOf("a")];
  ask();
  const [waiting, behind] = [ask(), ask()];
  await turn();
  waiting.leave();
  waiting.leave();
  await turn();
  expect([told(waiting), scheduler.waiting]).toEqual(["left", 1]);
  behind.leave();
  expect(clock.timers).toBe(0);
});

test("more slots wake those that wait", async () => {
  const agent = agentOf("a");
  agents = [agent];
  const asked = [ask(), ask(), ask()];
  await turn();
  agent.record = { ...agent.record, max_concurrency: 2 };
  scheduler.pump();
  await turn();
  expect(asked.map(told)).toEqual(["a: only-holder", "a: only-holder", "waits"]);
});

test("fewer slots than requests under way let nobody in until enough have ended", async () => {
  const agent = agentOf("a", { slots: 3 });
  agents = [agent];
  const running = [ask(), ask(), ask()];
  const waiting = ask();
  await turn();
  agent.record = { ...agent.record, max_concurrency: 1 };
  for (const each of running) {
    expect(told(waiting)).toBe("waits");
    grantOf(each).release(DONE);
    await turn();
  }
  expect(told(waiting)).toBe("a: only-holder");
});

test("elsewhere is another agent that can serve at once or in turn, not one that may come back", () => {
  const [a, b] = [agentOf("a"), agentOf("b")];
  agents = [a, b];
  const want = { ...ask().want };
  expect(scheduler.servableElsewhere(want, a)).toBe(true);
  b.inFlight = 1;
  expect(scheduler.servableElsewhere(want, a)).toBe(true);
  expect(scheduler.servableElsewhere({ ...want, pinned: "a" }, a)).toBe(false);
  disconnect(b, clock.now());
  expect(scheduler.servableElsewhere(want, a)).toBe(false);
  agents = [a];
  expect(scheduler.servableElsewhere(want, a)).toBe(false);
});

type Step =
  | { do: "ask"; model: number; slot: boolean; pinned: number | undefined }
  | { do: "end" | "leave" | "retry"; which: number }
  | { do: "lose" | "back" | "stop" | "drain" | "undrain" | "forget"; agent: number }
  | { do: "slots"; agent: number; slots: number }
  | { do: "models"; agent: number; models: number[] }
  | { do: "wait"; ms: number };

const agentIndex = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      model: fc.nat(2),
      slot: fc.boolean(),
      pinned: fc.option(agentIndex, { nil: undefined, freq: 8 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("end" as const, "end" as const, "leave" as const, "retry" as const),
      which: fc.nat(30),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "lose" as const,
        "back" as const,
        "stop" as const,
        "drain" as const,
        "undrain" as const,
        "forget" as const,
      ),
      agent: agentIndex,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("slots" as const),
      agent: agentIndex,
      slots: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("models" as const),
      agent: agentIndex,
      models: fc.subarray([0, 1, 2]),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(20_000) }) },
);

const nameOf = (model: number): string => `m${model}`;

test("whatever happens in whatever order: counts are exact, nobody waits who need not, and at the end nothing is left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: "+1" }), async (steps) => {
      clock = new FakeClock();
      queue = { max_length: 8, timeout_s: 60 };
      agents = [0, 1, 2, 3].map((index) =>
        agentOf(`a${index}`, { models: [nameOf(index % 3)], slots: 1 + (index % 2) }),
      );
      const all = [...agents];
      scheduler = new Scheduler({
        clock,
        machines: machinesOf(() => agents),
        strategy: () => strategy,
        queue: () => queue,
        windowMs: () => WINDOW,
      });
      const asked: Asked[] = [];
      const ended = new Set<Asked>();

      const running = (): Asked[] =>
        asked.filter(
          (each) => typeof each.decision === "object" && each.decision.kind === "granted" && !ended.has(each),
        );
      const waiting = (): Asked[] => asked.filter((each) => each.decision === "waiting");
      const pick = <T>(from: T[], which: number): T | undefined => from[which % Math.max(1, from.length)];

      const perform = async (one: Step): Promise<void> => {
        switch (one.do) {
          case "ask":
            asked.push(
              ask({
                model: `${nameOf(one.model)}:latest`,
                slot: one.slot,
                pinned: one.pinned === undefined ? undefined : all[one.pinned]?.id,
              }),
            );
            return;
          case "end":
          case "retry": {
            const target = pick(running(), one.which);
            if (target === undefined) return;
            ended.add(target);
            const { agent, release } = grantOf(target);
            release(DONE);
            if (one.do === "retry") asked.push(ask({ ...target.want, avoid: new Set([agent.id]) }));
            return;
          }
          case "leave":
            pick(waiting(), one.which)?.leave();
            return;
          case "wait":
            await clock.advance(one.ms);
            return;
          default:
        }
        const agent = all[one.agent];
        if (agent === undefined) return;
        if (one.do === "lose" && agent.tunnel !== undefined) disconnect(agent, clock.now());
        if (one.do === "back") connect(agent);
        if (one.do === "stop") {
          agent.tunnel = undefined;
          agent.lostAt = undefined;
        }
        if (one.do === "drain" || one.do === "undrain")
          agent.record = { ...agent.record, draining: one.do === "drain" };
        if (one.do === "forget") agents = agents.filter((each) => each !== agent);
        if (one.do === "slots") agent.record = { ...agent.record, max_concurrency: one.slots };
        if (one.do === "models")
          agent.update({ models: one.models.map((model) => ({ name: nameOf(model) })) });
        scheduler.pump();
      };

      const check = (): void => {
        for (const agent of all) {
          const held = running().filter((each) => each.want.slot && grantOf(each).agent === agent).length;
          expect(agent.inFlight).toBe(held);
        }
        expect(scheduler.waiting).toBe(waiting().length);
        // Nobody waits for what is there: a free slot of a routable agent that has the model.
        const free = agents.filter(
          (agent) =>
            agent.notRoutable(agent.presence(clock.now(), WINDOW)) === undefined &&
            agent.inFlight < agent.slots(),
        );
        for (const { want } of waiting()) {
          const takers = free.filter(
            (agent) =>
              agent.model(want.model) !== undefined &&
              (want.pinned === undefined || want.pinned === agent.id) &&
              !want.avoid.has(agent.id),
          );
          expect(takers.map(({ id }) => id)).toEqual([]);
          expect(want.ticket.arrived + queue.timeout_s * 1_000).toBeGreaterThan(clock.now());
          // Nor for what cannot be any more.
          expect(
            assess(want, { machines: machinesOf(() => agents), now: clock.now(), windowMs: WINDOW }).kind,
          ).toBe("wait");
        }
        expect(clock.timers).toBe(waiting().length > 0 ? 1 : 0);
      };

      for (const one of steps) {
        await perform(one);
        await turn();
        check();
      }
      for (let round = 0; running().length + waiting().length > 0 && round < 500; round++) {
        await perform({ do: "end", which: 0 });
        await turn();
        if (running().length === 0) await clock.advance(10_000);
        check();
      }
      expect(asked.filter((each) => each.decision === "waiting")).toEqual([]);
      expect(all.map(({ inFlight }) => inFlight)).toEqual([0, 0, 0, 0]);
      expect([scheduler.waiting, clock.timers]).toEqual([0, 0]);
    }),
    { numRuns: 150 },
  );
});
