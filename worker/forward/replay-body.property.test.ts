import fc from "fast-check";
import { expect, test } from "vitest";
import type { ByteSource } from "../coordinator/client-side.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { ReplayBody } from "./replay-body.ts";

const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 });

/** A body whose bytes count up, so that one that is missing, doubled or moved is seen; pieces come at once or later. */
function counting(
  pieces: readonly number[],
  later: readonly boolean[],
): ByteSource & { all: number[]; reading: number; given: () => number } {
  let next = 0;
  const all = Array.from({ length: pieces.reduce((sum, size) => sum + size, 0) }, (_, at) => at % 251);
  let at = 0;
  const source = {
    all,
    reading: 0,
    given: () => at,
    read: (): Uint8Array | null | Promise<Uint8Array | null> => {
      if (source.reading > 0) throw new Error("two reads of the client at once");
      const size = pieces[next];
      const piece = size === undefined ? null : Uint8Array.from(all.slice(at, at + size));
      if (later[next % Math.max(1, later.length)] !== true) {
        at += size ?? 0;
        next++;
        return piece;
      }
      source.reading++;
      return Promise.resolve().then(async () => {
        await Promise.resolve();
        source.reading--;
        at += size ?? 0;
        next++;
        return piece;
      });
    },
    cancel: () => {},
  };
  return source;
}

test("however often an attempt is given up, and wherever: the last one gets every byte once, in order, and the budget all of its own", async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fc.boolean(), { maxLength: 7 }),
      fc.nat(5),
      fc.array(fc.tuple(fc.nat(10), fc.boolean()), { maxLength: 3 }),
      fc.boolean(),
      async (pieces, later, ahead, attempts, tight) => {
        const source = counting(pieces, later);
        const budget = new MemoryBudget(tight ? 300 : 100_000);
        const body = new ReplayBody(source, budget, source.all.length);
        for (let read = 0; read < ahead && body.replayable && !body.ended; read++) await body.readAhead();
        for (const [reads, leavesOneUnderWay] of attempts) {
          if (!body.replayable) break;
          const attempt = body.attempt();
          for (let read = 0; read < reads; read++) await attempt.read();
          if (leavesOneUnderWay) void attempt.read();
        }
        expect(budget.used).toBeLessThanOrEqual(tight ? 300 : 100_000);
        if (body.replayable) {
          const got: number[] = [];
          const last = body.attempt();
          for (let chunk = await last.read(); chunk !== null; chunk = await last.read()) got.push(...chunk);
          expect(got).toEqual(source.all);
        }
        body.drop();
        body.drop();
        expect(budget.used).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("what comes after the answer has begun goes through without being kept", async () => {
  const source = counting([10, 10, 10], []);
  const budget = new MemoryBudget();
  const body = new ReplayBody(source, budget, 30);
  await body.readAhead();
  const attempt = body.attempt();
  await attempt.read();
  body.forget();
  expect(budget.used).toBe(0);
  const rest = [await attempt.read(), await attempt.read(), await attempt.read()];
  expect(rest.map((chunk) => chunk?.length ?? null)).toEqual([10, 10, null]);
  expect([budget.used, body.replayable]).toEqual([0, false]);
  expect(() => body.attempt()).toThrow(/not kept/);
});

type Step = "read" | "leave a read under way" | "again" | "forget" | "cancel" | "release" | "drop";
const STEPS: readonly Step[] = [
  "read",
  "leave a read under way",
  "again",
  "forget",
  "cancel",
  "release",
  "drop",
];

test("what is taken of the budget is what is held, and nothing of it in the end, whoever stops where", async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fc.boolean(), { maxLength: 7 }),
      fc.nat(8),
      fc.array(fc.constantFrom(...STEPS), { maxLength: 20 }),
      fc.constantFrom("drop", "cancel", "release", "read on"),
      async (pieces, later, ahead, steps, ending) => {
        const source = counting(pieces, later);
        const budget = new MemoryBudget();
        const body = new ReplayBody(source, budget, source.all.length);
        for (let read = 0; read < ahead && !body.ended; read++) await body.readAhead();
        let attempt = body.attempt();
        let handedOut = 0;
        let tracked = true;
        const count = (chunk: Uint8Array | null): void => {
          handedOut += chunk?.length ?? 0;
        };
        const held = (): number => {
          if (body.replayable) return body.kept.reduce((sum, chunk) => sum + chunk.length, 0);
          return tracked ? source.given() - handedOut : 0;
        };
        for (const step of steps) {
          if (step === "read") count(await attempt.read());
          else if (step === "leave a read under way") void Promise.resolve(attempt.read()).then(count);
          else if (step === "again" && body.replayable) {
            attempt = body.attempt();
            handedOut = 0;
            tracked = true;
          } else if (step === "forget") body.forget();
          else if (step === "cancel" || step === "release") attempt[step]();
          else if (step === "drop") body.drop();
          if (step === "cancel" || step === "release" || step === "drop") tracked = false;
          for (let tick = 0; tick < 10; tick++) await Promise.resolve();
          expect(budget.used).toBe(held());
        }
        body.forget();
        expect(budget.used).toBe(held());
        if (ending === "drop") body.drop();
        else if (ending !== "read on") attempt[ending]();
        else while ((await attempt.read()) !== null);
        expect(budget.used).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});

test("bodies that wait after their answer has begun leave no room for more than the budget has", async () => {
  const budget = new MemoryBudget(100);
  const waiting: ReplayBody[] = [];
  for (let next = 0; next < 10; next++) {
    const body = new ReplayBody(counting([30], []), budget, 30);
    if ((await body.readAhead()) === undefined) break;
    body.attempt();
    body.forget();
    waiting.push(body);
  }
  expect([waiting.length, budget.used]).toEqual([3, 90]);
  for (const body of waiting) body.drop();
  expect(budget.used).toBe(0);
});
