import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { FairLine, type Server } from "./fair-line.ts";
import type { Ticket } from "./ticket.ts";

interface Waiter {
  key: string;
  ticket: Ticket;
}

let line: FairLine<Waiter>;
let tickets: number;
let server: Server;

beforeEach(() => {
  line = new FairLine(() => true);
  tickets = 0;
  server = { present: 0 };
});

function join(key: string, options: { demand?: string; weight?: number; arrived?: number } = {}): Waiter {
  const waiter = { key, ticket: { arrived: options.arrived ?? 0, number: ++tickets } };
  line.add(waiter, options.demand ?? "m", { id: key, weight: options.weight ?? 1 }, "m", server.present);
  return waiter;
}

/** Serves the next `count` of a demand, one after another, each costing what `cost` says. */
function serve(
  count: number,
  cost: (key: string) => number,
  options: { weights?: Record<string, number> } = {},
): string {
  let order = "";
  for (let each = 0; each < count; each++) {
    const demand = line.demand("m");
    const next = demand === undefined ? undefined : line.next(demand);
    if (next === undefined) break;
    const settle = line.charge(
      { id: next.key, weight: options.weights?.[next.key] ?? 1 },
      server,
      "m",
      line.demand("m"),
    );
    line.remove(next);
    order += next.key;
    settle(cost(next.key));
  }
  return order;
}

describe("turns", () => {
  test("one key: first come, first served, and a retry where it stood", () => {
    const [late, early] = [join("a", { arrived: 5 }), join("a", { arrived: 3 })];
    const demand = line.demand("m");
    expect(demand === undefined ? undefined : line.next(demand)).toBe(early);
    expect(line.inOrder(() => "m")).toEqual([early, late]);
  });

  test("a flood does not delay those who come after it", () => {
    for (let each = 0; each < 50; each++) join("f");
    expect(serve(3, () => 1)).toBe("fff");
    join("a");
    join("b");
    const order = serve(5, () => 1);
    expect(order.slice(0, 3).split("").sort().join("")).toBe("abf");
  });

  test("who makes long answers has fewer turns: shares are of what was really used", () => {
    for (let each = 0; each < 200; each++) {
      join("a");
      join("l");
    }
    const order = serve(110, (key) => (key === "l" ? 10 : 1));
    const used = (key: string, cost: number): number => order.split(key).length * cost - cost;
    expect(used("l", 10) / used("a", 1)).toBeGreaterThan(0.85);
    expect(used("l", 10) / used("a", 1)).toBeLessThan(1.15);
  });

  test("a key of four times the weight has four times the turns, and the light one is served too", () => {
    const weights = { a: 4, b: 1 };
    for (let each = 0; each < 100; each++) {
      join("a", { weight: 4 });
      join("b");
    }
    const order = serve(50, () => 1, { weights });
    expect(Math.abs(order.split("a").length - 1 - 40)).toBeLessThanOrEqual(1);
  });

  test("a pause saves no turns up, and owes none for what ran while nobody else waited", () => {
    for (let each = 0; each < 20; each++) join("a");
    serve(20, () => 1);
    for (let each = 0; each < 10; each++) {
      join("a");
      join("b");
    }
    const order = serve(10, () => 1);
    expect(Math.abs(order.split("a").length - 1 - 5)).toBeLessThanOrEqual(1);
  });
});

test("who waits for something else holds up nobody, and is there when its turn comes", () => {
  const x = join("a", { demand: "x" });
  const m = join("a");
  const [forX, forM] = [line.demand("x"), line.demand("m")];
  if (forX === undefined || forM === undefined) throw new Error("two demands");
  expect([line.next(forX), line.next(forM)]).toEqual([x, m]);
  line.remove(m);
  expect(line.demand("m")).toBeUndefined();
  expect([line.length, line.oldest]).toEqual([1, x]);
});

test("keys that come once are not remembered for ever, and those that wait or run are", () => {
  const waits = join("w");
  const ends = line.charge({ id: "r", weight: 1 }, server, "m", line.demand("m"));
  for (let each = 0; each < 20_000; each++)
    line.charge({ id: `k${each}`, weight: 1 }, server, "m", line.demand("m"))(0.5 + (each % 3));
  expect(line.flows).toBeLessThanOrEqual(1_000);
  ends(1);
  expect([...line]).toEqual([waits]);
});

test("what a key has elsewhere costs it no turn here, neither while it waits nor when it comes anew", () => {
  const elsewhere: Server = { present: 0 };
  line = new FairLine((at) => at === server);
  for (let each = 0; each < 50; each++) join("f");
  const ends = line.charge({ id: "a", weight: 1 }, elsewhere, "long", undefined);
  serve(10, () => 1);
  const waiting = join("a");
  ends(1_000);
  expect(serve(2, () => 1)).toContain("a");
  line.remove(waiting);
  join("a");
  expect(serve(3, () => 1)).toContain("a");
});

test("a key that is new is taken to cost what others do, or it had every turn until its first request ended", () => {
  for (let each = 0; each < 40; each++) for (const key of ["a", "b"]) join(key);
  serve(20, () => 30);
  for (let each = 0; each < 40; each++) join("n");
  let order = "";
  for (let each = 0; each < 9; each++) {
    const demand = line.demand("m");
    const next = demand === undefined ? undefined : line.next(demand);
    if (next === undefined) throw new Error("somebody waits");
    line.charge({ id: next.key, weight: 1 }, server, "m", demand);
    line.remove(next);
    order += next.key;
  }
  expect(order.split("n").length - 1).toBeLessThanOrEqual(4);
});

test("leaving twice takes nobody else along", () => {
  const [first, second] = [join("a"), join("a")];
  line.remove(first);
  line.remove(first);
  expect([...line]).toEqual([second]);
});

test("whoever joins, leaves and is served: nobody is lost, and keys that always wait differ by at most one request of each", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    cost: fc.double({ min: 0.1, max: 5, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      line = new FairLine(() => true);
      server = { present: 0 };
      const used: Record<string, number> = { a: 0, b: 0, c: 0 };
      for (let each = 0; each < 200; each++) for (const key of ["a", "b", "c"]) join(key);
      for (const { cost } of steps) {
        const demand = line.demand("m");
        const next = demand === undefined ? undefined : line.next(demand);
        if (next === undefined) throw new Error("somebody waits");
        const settle = line.charge({ id: next.key, weight: 1 }, server, "m", line.demand("m"));
        line.remove(next);
        settle(cost);
        used[next.key] = (used[next.key] ?? 0) + cost;
        const all = Object.values(used);
        expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(2 * 5);
      }
      expect(line.length).toBe(600 - steps.length);
      for (const waiter of [...line]) line.remove(waiter);
      expect([line.length, [...line.demands].length, line.oldest]).toEqual([0, 0, undefined]);
    }),
    { numRuns: 40 },
  );
});
