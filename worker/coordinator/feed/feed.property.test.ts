import fc from "fast-check";
import { expect, test } from "vitest";
import { FEED, type FeedState } from "../../../shared/api/feed.ts";
import { FakePage } from "../testing/fake-page.ts";
import { turn } from "../testing/turn.ts";
import { type Step, step } from "../testing/world/steps.ts";
import { World } from "../testing/world/world.ts";

/** By then everything has been told, also what is told less often, ms. */
const TOLD_MS = 3_000;
/** A change that was not told yet is told within less, ms. */
const UNTOLD_MS = FEED.interval_ms + 50;
/** By then the rates are at rest, and every machine that is not there is given up, ms. */
const REST_MS = 400_000;

/** In no order that means anything; rates, while they move, are of one moment, and the queues are told a second later. */
function comparable({ agents, now, ...rest }: FeedState, atRest: boolean): object {
  const sorted = agents
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((agent) => (atRest ? agent : { ...agent, queued_requests: 0 }));
  const { running, waiting, total_requests, queue_max } = now;
  return { agents: sorted, now: atRest ? now : { running, waiting, total_requests, queue_max }, ...rest };
}

class Watchers {
  readonly #world: World;
  #pages: FakePage[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#open();
  }

  #open(): void {
    this.#pages = [0, 1, 2].map(() => FakePage.open(this.#world.bench.brain));
  }

  /** One comes later than the others, and one does not listen. */
  async disturb(one: Step): Promise<void> {
    const [, late, deaf] = this.#pages;
    if (one.do === "evict") this.#open();
    if (one.do === "tell" && deaf !== undefined) deaf.acknowledges = !deaf.acknowledges;
    if (one.do === "lose" && late !== undefined) {
      late.leave();
      this.#pages[1] = FakePage.open(this.#world.bench.brain);
    }
  }

  /** What they show by snapshots and diffs is what one is shown that comes now, when all the others have gone. */
  async check(atRest: boolean): Promise<void> {
    const { bench } = this.#world;
    for (const page of this.#pages) {
      page.acknowledges = true;
      page.acknowledge();
    }
    await bench.clock.advance(atRest ? REST_MS : TOLD_MS);
    // What happened a moment ago is still to be told; and nothing may happen while the new one waits for its snapshot.
    while ((bench.clock.next ?? UNTOLD_MS) < UNTOLD_MS) await bench.clock.advance(100);
    for (const page of this.#pages) page.leave();
    const fresh = FakePage.open(bench.brain);
    await bench.clock.advance(10);
    const truth = comparable(fresh.shown, atRest);
    for (const page of this.#pages) {
      if (page.closed === undefined) expect(comparable(page.shown, atRest)).toEqual(truth);
      expect(Math.max(...page.diffSizes, 0)).toBeLessThanOrEqual(FEED.diff_chars);
    }
    fresh.leave();
    this.#open();
    await bench.clock.advance(FEED.interval_ms);
  }

  leave(): void {
    for (const page of this.#pages) page.leave();
  }
}

test("whatever happens, a snapshot and the diffs after it show what a new snapshot shows", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: "max" }), async (steps) => {
      const world = new World();
      for (const each of world.agents) world.dial(each);
      await turn();
      const watchers = new Watchers(world);
      await world.bench.clock.advance(FEED.interval_ms);
      for (const [index, one] of steps.entries()) {
        await world.perform(one);
        await watchers.disturb(one);
        await turn();
        if (index % 25 === 24) await watchers.check(false);
      }
      await watchers.check(false);
      await world.settle();
      await watchers.check(true);
      watchers.leave();
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 60_000);
