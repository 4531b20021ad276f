import fc from "fast-check";
import { test } from "vitest";
import { turn } from "./testing/turn.ts";
import { Check } from "./testing/world/check.ts";
import { checkAnswers, checkNothingLeft } from "./testing/world/check-end.ts";
import { step } from "./testing/world/steps.ts";
import { World } from "./testing/world/world.ts";

test("whatever agents, clients, operators and the platform do: what is counted is what runs, every request ends once, and nothing is left", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: "max" }), async (steps) => {
      const world = new World();
      const check = new Check(world);
      for (const each of world.agents) world.dial(each);
      await turn();
      let rushed = false;
      for (const one of steps) {
        await world.perform(one);
        const now = !rushed && one.do !== "rush";
        rushed = one.do === "rush";
        if (!now) continue;
        await turn();
        await check.atRest();
      }
      await turn();
      await world.settle();
      await check.atRest();
      for (const each of world.agents) world.lose(each);
      await world.bench.clock.drain();
      await checkNothingLeft(world);
      checkAnswers(world);
    }),
    { numRuns: 80 },
  );
}, 60_000);
