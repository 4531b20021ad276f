import { beforeEach, describe, expect, test } from "vitest";
import type { StoredKey } from "../store.ts";
import { fakeDeps, storedKey } from "../testing/bench.ts";
import { type Admission, Limits, type Pass } from "./limits.ts";

let deps: ReturnType<typeof fakeDeps>;
let limits: Limits;
let changes: number;
let ids: number;

beforeEach(() => {
  deps = fakeDeps();
  changes = 0;
  ids = 0;
  limits = new Limits(deps, () => changes++);
});

const key = (over: Partial<StoredKey>): StoredKey => storedKey("k", over);

function ask(of: StoredKey, over: { id?: string; attempt?: number; contentLength?: number } = {}): Admission {
  const entrant = { id: `r${++ids}`, key_id: of.id, contentLength: 2, attempt: 1, ...over };
  return limits.admit(entrant, of, deps.clock.now());
}

function enter(...args: Parameters<typeof ask>): Pass {
  const admission = ask(...args);
  if (admission.kind === "refused") throw new Error(admission.message);
  return admission.pass;
}

const done = (pass: Pass, tokens = 0, durationMs = 0): void => pass.done({ tokens, exact: true, durationMs });

function refused(...args: Parameters<typeof ask>): { message: string; retryAfterS: number } | undefined {
  const admission = ask(...args);
  if (admission.kind === "refused") return admission;
  done(admission.pass);
  return undefined;
}

const counted = (): { running: number; held: number } | undefined => {
  const of = limits.gauge().k;
  return of === undefined ? undefined : { running: of.running, held: of.held };
};

describe("the answer names the limit, its value, and when it frees", () => {
  test("requests per minute", async () => {
    const of = key({ rpm: 2 });
    done(enter(of));
    await deps.clock.advance(20_000);
    done(enter(of));
    await deps.clock.advance(28_500);
    expect(ask(of)).toEqual({
      kind: "refused",
      code: "rate_limited",
      message: "the key's limit of 2 requests per minute (rpm) is reached; free again in 12 s",
      retryAfterS: 12,
    });
    await deps.clock.advance(11_499);
    expect(refused(of)).toMatchObject({ retryAfterS: 1 });
    await deps.clock.advance(1);
    expect(refused(of)).toBeUndefined();
  });

  test("tokens per minute and per day", async () => {
    done(enter(key({ tpm: 100, tpd: 1_000 })), 100);
    expect(refused(key({ tpm: 100, tpd: 1_000 }))?.message).toBe(
      "the key's limit of 100 tokens per minute (tpm) is reached; free again in 60 s",
    );
    await deps.clock.advance(60_000);
    done(enter(key({ tpm: 100, tpd: 1_000 })), 900);
    await deps.clock.advance(60_000);
    expect(refused(key({ tpm: 100, tpd: 1_000 }))).toMatchObject({
      message: "the key's limit of 1000 tokens per day (tpd) is reached; free again in 86340 s",
      retryAfterS: 86_340,
    });
  });

  test("requests at once: about as soon as one of them is likely to end", () => {
    const of = key({ max_concurrency: 2 });
    const first = enter(of);
    enter(of);
    expect(refused(of)?.message).toBe(
      "the key's limit of 2 requests at once (max_concurrency) is reached; free again in about 1 s",
    );
    done(first, 0, 9_000);
    enter(of);
    expect(refused(of)?.retryAfterS).toBe(5);
  });

  test("the first of several that are in the way: at once, then requests, then tokens", () => {
    const of = { max_concurrency: 1, rpm: 1, tpm: 1, tpd: 1 };
    const pass = enter(key(of));
    const named = (over: Partial<StoredKey>): string | undefined =>
      refused(key({ ...of, ...over }))?.message.match(/\((\w+)\)/)?.[1];
    expect(named({})).toBe("max_concurrency");
    done(pass, 5);
    expect([named({}), named({ rpm: null }), named({ rpm: null, tpm: null })]).toEqual(["rpm", "tpm", "tpd"]);
  });
});

test("what is refused is counted in nothing", async () => {
  const of = key({ rpm: 2, max_concurrency: 1 });
  const pass = enter(of);
  for (let attempt = 0; attempt < 100; attempt++) expect(refused(of)).toBeDefined();
  expect(counted()).toEqual({ running: 1, held: 0 });
  done(pass);
  done(enter(of));
  expect(refused(of)?.retryAfterS).toBe(60);
});

describe("a retry", () => {
  const of = key({ rpm: 10, max_concurrency: 1 });

  test("takes over the place that was held for it, and nobody else gets it", () => {
    enter(of, { id: "lost" }).hold();
    expect(counted()).toEqual({ running: 0, held: 1 });
    expect(refused(of)).toBeDefined();
    const retry = enter(of, { id: "lost", attempt: 2 });
    expect(counted()).toEqual({ running: 1, held: 0 });
    expect(refused(of)).toBeDefined();
    done(retry);
    expect(counted()).toEqual({ running: 0, held: 0 });
    expect(deps.clock.timers).toBe(0);
  });

  test("is let in whatever has become of the limits, and counts once", () => {
    enter(of, { id: "lost" }).hold();
    const tight = key({ rpm: 1, max_concurrency: 1, tpm: 1 });
    enter(tight, { id: "lost", attempt: 2 }).hold();
    done(enter(tight, { id: "lost", attempt: 3 }));
    expect(refused(key({ rpm: 2 }))).toBeUndefined();
    expect(refused(key({ rpm: 2 }))).toBeDefined();
  });

  test("that does not come loses its place after 10 s", async () => {
    enter(of, { id: "lost" }).hold();
    await deps.clock.advance(9_999);
    expect(refused(of)).toBeDefined();
    await deps.clock.advance(1);
    expect([counted(), deps.clock.timers]).toEqual([{ running: 0, held: 0 }, 0]);
    enter(of);
    expect(refused(of, { id: "lost", attempt: 2 })).toBeDefined();
  });

  test("whose place is not known is let in as a new request is, and is not counted as one", () => {
    const pass = enter(key({ rpm: 1, max_concurrency: 1 }));
    expect(refused(of, { attempt: 2 })?.message).toContain("max_concurrency");
    done(pass);
    done(enter(key({ rpm: 1, max_concurrency: 1 }), { attempt: 2 }));
  });

  test("ending twice, in whatever way, is ending once", async () => {
    const two = key({ max_concurrency: 2 });
    const other = enter(two);
    const pass = enter(two, { id: "x" });
    pass.hold();
    pass.hold();
    done(pass, 5);
    expect(counted()).toEqual({ running: 1, held: 1 });
    const retry = enter(two, { id: "x", attempt: 2 });
    done(pass);
    pass.hold();
    expect(counted()).toEqual({ running: 2, held: 0 });
    done(retry);
    done(retry);
    retry.hold();
    done(other);
    expect([counted(), deps.clock.timers]).toEqual([{ running: 0, held: 0 }, 0]);
  });
});

test("a key that is forgotten leaves nothing: no places, no timers, nothing to save", async () => {
  const of = key({ rpm: 5, max_concurrency: 2 });
  enter(of, { id: "held" }).hold();
  const pass = enter(of);
  limits.forget("k");
  expect([limits.gauge(), deps.clock.timers, limits.saved()]).toEqual([{}, 0, []]);
  pass.hold();
  done(pass);
  const late = enter(of);
  limits.forget("k");
  done(late, 7);
  expect([limits.gauge(), deps.clock.timers, limits.saved()]).toEqual([{}, 0, []]);
});

describe("a limit that is changed while requests run", () => {
  test("lower: nobody gets in until enough have ended", () => {
    const passes = [1, 2, 3].map(() => enter(key({})));
    const of = key({ max_concurrency: 2 });
    expect(refused(of)).toBeDefined();
    done(passes[0] ?? never());
    expect(refused(of)).toBeDefined();
    done(passes[1] ?? never());
    expect(refused(of)).toBeUndefined();
  });

  test("removed: everybody does", () => {
    enter(key({ max_concurrency: 1, rpm: 1 }));
    expect(refused(key({ max_concurrency: 1, rpm: 1 }))).toBeDefined();
    expect(refused(key({ max_concurrency: null, rpm: null }))).toBeUndefined();
  });
});

describe("what was used", () => {
  const of = key({ rpm: 2, tpm: 100 });

  function again(): void {
    limits = new Limits(deps, () => changes++);
    limits.restore([...deps.store.usage.values()], deps.clock.now());
  }

  test("counts after a restart, and so does what a request is like", () => {
    done(enter(of), 40);
    limits.save();
    again();
    const pass = enter(of);
    expect(limits.gauge().k?.reserved).toBe(40);
    done(pass, 60);
    expect(refused(of)?.message).toContain("(rpm)");
    expect(refused(key({ tpm: 100 }))?.message).toContain("(tpm)");
  });

  test("is to be saved when it changed, once, and again when saving failed", () => {
    expect(limits.saved()).toEqual([]);
    const pass = enter(of);
    expect(changes).toBe(1);
    deps.store.refuses = true;
    expect(() => limits.save()).toThrow("full");
    expect(limits.saved()).toHaveLength(1);
    deps.store.refuses = false;
    limits.save();
    limits.save();
    expect(deps.store.journal).toEqual(["saveUsage"]);
    done(pass, 1);
    limits.save();
    expect(deps.store.journal).toHaveLength(2);
  });

  test("of a key without limits in time is nothing to save", () => {
    done(enter(key({ max_concurrency: 3 })), 5);
    expect([changes, limits.saved()]).toEqual([0, []]);
  });

  test.each([
    "",
    "null",
    "[]",
    '{"rpm":[[1]]}',
    '{"rpm":[[1,-5]]}',
    '{"tpd":[["x",1]]}',
    '{"request_ms":-1}',
  ])("that cannot be read (%s) is said and counted anew", (usage) => {
    limits.restore([{ key_id: "k", usage }], deps.clock.now());
    expect(deps.logged).toMatchObject([{ level: "warn" }]);
    expect(refused(of)).toBeUndefined();
  });
});

function never(): never {
  throw new Error("missing");
}
