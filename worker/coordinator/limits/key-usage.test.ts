import { beforeEach, describe, expect, test } from "vitest";
import { type KeyLimits, KeyUsage, type Place } from "./key-usage.ts";

const MINUTE = 60_000;
const PICTURE = 4_000_000;

let usage: KeyUsage;
let now: number;

beforeEach(() => {
  usage = new KeyUsage();
  now = 1_000_000;
});

/** When it may begin, ms from now; or its place. */
function enter(limits: Partial<KeyLimits>, contentLength = 2): Place | number {
  const all: KeyLimits = { rpm: null, tpm: null, tpd: null, max_concurrency: null, ...limits };
  usage.follow(all);
  const reached = usage.reached(all, contentLength, true, now);
  return reached === undefined ? usage.begin(contentLength, true, now) : reached.freeAt - now;
}

function run(limits: Partial<KeyLimits>, tokens: number, contentLength = 2): void {
  end(enter(limits, contentLength), tokens);
}

function end(place: Place | number, tokens: number): void {
  if (typeof place === "number") throw new Error(`free in ${place} ms`);
  usage.end(place, { tokens, exact: true, durationMs: 0 }, now);
}

describe("tokens of requests that run", () => {
  test("are reserved like the last ones were, so that not all slip in below the limit", () => {
    const limits = { tpm: 1_000 };
    run(limits, 200);
    const places = [1, 2, 3, 4].map(() => enter(limits));
    expect([usage.reserved, enter(limits)]).toEqual([800, MINUTE]);
    for (const place of places) end(place, 100);
    expect([usage.reserved, usage.places]).toEqual([0, 0]);
    expect(enter(limits)).toMatchObject({ reserved: expect.any(Number) });
  });

  test("are at least what the body has", () => {
    const limits = { tpm: 1_000 };
    enter(limits, 2_400);
    // As soon as the one that runs may have ended: 1 s as long as none has.
    expect(enter(limits, 2_400)).toBe(1_000);
    enter(limits, 800);
    expect(usage.reserved).toBe(800);
  });

  test("one that alone is larger than the limit goes when nothing else counts", () => {
    const limits = { tpm: 100 };
    const place = enter(limits, 4_000);
    expect(enter(limits)).toBe(1_000);
    end(place, 1_000);
    expect(enter(limits)).toBe(MINUTE);
    now += MINUTE;
    end(enter(limits, 4_000), 1_000);
  });
});

describe("a body that is a picture", () => {
  test("is not taken for a long text once some have ended, and a text is again after one", () => {
    for (let time = 0; time < 12; time++) run({}, 1_000, PICTURE);
    enter({}, PICTURE);
    expect(usage.reserved).toBeLessThan(2_000);
    run({}, 100_000, 400_000);
    const before = usage.reserved;
    enter({}, 400_000);
    expect(usage.reserved - before).toBeGreaterThanOrEqual(50_000);
  });

  test("does not have to wait for a day without any, even the first one", () => {
    const limits = { tpd: 100_000 };
    run(limits, 500);
    run(limits, 1_000, PICTURE);
    run(limits, 80_000);
    expect(enter(limits, PICTURE)).toBe(86_400_000);
  });
});

test("what was learnt of its requests comes back with what was used", () => {
  run({ tpm: 1_000 }, 300, 100_000);
  const back = KeyUsage.restore(usage.saved(), now);
  if (back === undefined) throw new Error("cannot be read");
  for (const each of [usage, back]) each.begin(1_000_000, true, now);
  expect(back.reserved).toBe(usage.reserved);
  expect(back.saved()).toBe(usage.saved());
});

describe("what is counted now", () => {
  const limits = (some: Partial<KeyLimits>): KeyLimits => ({
    rpm: null,
    tpm: null,
    tpd: null,
    max_concurrency: null,
    ...some,
  });

  test("leaves its window as time goes by, and the day's tokens stay", () => {
    const all = { rpm: 10, tpm: 1_000, tpd: 9_000 };
    run(all, 200);
    const place = enter(all);
    expect(usage.counted(limits(all), now)).toEqual({ rpm: 2, tpm: 200, tpd: 200, concurrent: 1 });
    end(place, 50);
    now += MINUTE;
    expect(usage.counted(limits(all), now)).toEqual({ rpm: 0, tpm: 0, tpd: 250, concurrent: 0 });
  });

  test("is nothing where no limit holds, also when one was just taken away", () => {
    run({ tpm: 1_000 }, 200);
    expect(usage.counted(limits({}), now)).toEqual({ rpm: 0, tpm: 0, tpd: 0, concurrent: 0 });
  });
});
