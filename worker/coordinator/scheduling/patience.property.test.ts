import fc from "fast-check";
import { expect, test } from "vitest";
import { STRATEGIES, type StrategyName } from "../../../shared/api/settings.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { agentOf, machinesOf } from "../testing/fleet.ts";
import type { Ending, Grant } from "./grant.ts";
import { Scheduler } from "./scheduler.ts";
import type { Want } from "./want.ts";

const MODELS = ["m", "n"] as const;
const WINDOW = 15_000;

type Step =
  | { do: "ask"; model: number; numCtx: number | undefined }
  | { do: "end"; which: number; verdict: Ending["verdict"]; loadS: number }
  | { do: "leave"; which: number }
  | { do: "loaded"; agent: number; models: string[] }
  | { do: "wait"; ms: number };

const which = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      model: fc.nat(1),
      numCtx: fc.constantFrom(undefined, undefined, 4_096),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      which,
      verdict: fc.constantFrom<Ending["verdict"]>("success", "success", "failure", "neutral"),
      loadS: fc.constantFrom(0.01, 5, 20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("loaded" as const),
      agent: fc.nat(2),
      models: fc.subarray([...MODELS]),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(100, 2_000, 10_000, 40_000),
    }),
  },
);

/** Requests by hand on three machines that have both models. */
class Hand {
  readonly clock = new FakeClock();
  readonly agents = [0, 1, 2].map((index) =>
    agentOf(`a${index}`, { models: [...MODELS], slots: 1 + (index % 2) }),
  );
  readonly running = new Set<Grant>();
  readonly waiting = new Map<Want, () => void>();
  readonly scheduler: Scheduler;

  constructor(strategy: StrategyName) {
    for (const agent of this.agents) agent.update({ models: MODELS.map((name) => ({ name, size: 4e9 })) });
    this.scheduler = new Scheduler({
      clock: this.clock,
      machines: machinesOf(() => this.agents),
      strategy: () => strategy,
      queue: () => ({ max_length: 20, timeout_s: 300 }),
      windowMs: () => WINDOW,
    });
  }

  async perform(one: Step): Promise<void> {
    switch (one.do) {
      case "ask":
        this.#ask(`${MODELS[one.model] ?? "m"}:latest`, one.numCtx);
        return;
      case "end": {
        const grant = [...this.running][one.which % Math.max(1, this.running.size)];
        if (grant === undefined) return;
        this.running.delete(grant);
        const { verdict, loadS } = one;
        grant.release({ verdict, loadS, tokens: 100, answer: { tokens: 90, seconds: 2 } });
        return;
      }
      case "leave": {
        const [want, leave] = [...this.waiting][one.which % Math.max(1, this.waiting.size)] ?? [];
        if (want !== undefined) this.waiting.delete(want);
        leave?.();
        return;
      }
      case "loaded":
        this.agents[one.agent]?.update({ loaded: one.models.map((name) => ({ name })) });
        this.scheduler.pump();
        return;
      case "wait":
        await this.clock.advance(one.ms);
    }
  }

  #ask(model: string, numCtx: number | undefined): void {
    const want: Want = {
      model,
      since: undefined,
      slot: true,
      pinned: undefined,
      avoid: new Set(),
      ticket: this.scheduler.ticket(),
      share: { id: "key", weight: 1 },
      numCtx,
    };
    let decided = false;
    const leave = this.scheduler.acquire(want, (decision) => {
      decided = true;
      this.waiting.delete(want);
      if (decision.kind === "granted") this.running.add(decision.grant);
    });
    if (!decided) this.waiting.set(want, leave);
  }

  /** Whether somebody waits although a machine could take it. */
  get choosy(): boolean {
    const now = this.clock.now();
    return [...this.waiting.keys()].some(({ model }) =>
      this.agents.some((agent) => {
        const replica = agent.replica(model);
        return replica !== undefined && agent.takes(replica) && replica.breaker.allows(now);
      }),
    );
  }
}

test("nobody waits for what is free but with `auto`, which looks again within a second; one timer is there while somebody waits", async () => {
  let choosy = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...STRATEGIES, "auto" as const, "auto" as const),
      fc.array(step, { maxLength: 60, size: "max" }),
      async (strategy, steps) => {
        const hand = new Hand(strategy);
        for (const one of steps) {
          await hand.perform(one);
          expect(hand.scheduler.waiting).toBe(hand.waiting.size);
          expect(hand.clock.timers).toBe(hand.waiting.size > 0 ? 1 : 0);
          if (!hand.choosy) continue;
          choosy++;
          expect(strategy).toBe("auto");
          expect(hand.clock.next).toBeLessThanOrEqual(1_000);
        }
        for (const leave of hand.waiting.values()) leave();
        for (const grant of hand.running) grant.release({ verdict: "neutral" });
        expect(hand.clock.timers).toBe(0);
      },
    ),
    { numRuns: 1_000 },
  );
  // Else this has shown nothing.
  expect(choosy).toBeGreaterThan(0);
}, 20_000);
