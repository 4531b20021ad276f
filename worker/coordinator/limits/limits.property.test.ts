import fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredKey } from "../store.ts";
import { fakeDeps, storedKey } from "../testing/bench.ts";
import { Limits, type Pass } from "./limits.ts";

const MINUTE = 60_000;
const KEYS = ["k0", "k1"] as const;

type Step =
  | { do: "ask"; key: number; contentLength: number }
  | { do: "done" | "hold"; which: number; tokens: number }
  | { do: "retry"; which: number }
  | { do: "limit"; key: number; rpm: number | null; max_concurrency: number | null; tpm: number | null }
  | { do: "forget"; key: number }
  | { do: "wait"; ms: number }
  | { do: "save" | "restart" };

const which = fc.nat(30);
const key = fc.nat(KEYS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      key,
      contentLength: fc.constantFrom(-1, 0, 40, 400),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom<"done" | "hold">("done", "done", "hold"),
      which,
      tokens: fc.nat(200),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("retry" as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("limit" as const),
      key,
      rpm: fc.constantFrom(null, 1, 3, 5),
      max_concurrency: fc.constantFrom(null, 1, 2, 4),
      tpm: fc.constantFrom(null, 50, 500),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const), key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 200, 700, 3_000, 9_999, 31_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom<"save" | "restart">("save", "restart") }) },
);

interface Running {
  id: string;
  key: number;
  attempt: number;
  pass: Pass;
}

/** Limits, and a list by hand of what they should be counting. */
class World {
  readonly deps = fakeDeps();
  readonly keys: StoredKey[] = KEYS.map((id) => storedKey(id, { rpm: 3, max_concurrency: 2 }));
  limits = this.#born();
  running: Running[] = [];
  /** Requests between two attempts, and until when their places are theirs. */
  lost: { id: string; key: number; attempt: number; until: number }[] = [];
  /** When which key was let in for the first time, under an rpm that has held since. */
  entered: { key: number; at: number }[] = [];
  #ids = 0;

  #born(): Limits {
    return new Limits(this.deps, () => {});
  }

  async take(next: Step): Promise<void> {
    switch (next.do) {
      case "ask":
        this.#ask(next.key, `r${++this.#ids}`, 1, next.contentLength);
        break;
      case "done":
      case "hold":
        this.#end(next.which, next);
        break;
      case "retry": {
        const at = next.which % Math.max(1, this.lost.length);
        const [lost] = this.lost.splice(at, 1);
        if (lost !== undefined) this.#ask(lost.key, lost.id, lost.attempt + 1, -1, lost.until);
        break;
      }
      case "limit": {
        const { key: index, do: _do, ...limits } = next;
        const old = this.#of(index);
        this.keys[index] = { ...old, ...limits };
        // What came while no limit held, or a wider one, is not held against the new one here.
        if (old.rpm !== limits.rpm) this.entered = this.entered.filter((each) => each.key !== index);
        break;
      }
      case "forget":
        this.limits.forget(KEYS[next.key] ?? "");
        this.running = this.running.filter((each) => each.key !== next.key || this.#lateEnd(each));
        this.lost = this.lost.filter((each) => each.key !== next.key);
        this.entered = this.entered.filter((each) => each.key !== next.key);
        break;
      case "wait":
        await this.deps.clock.advance(next.ms);
        break;
      case "save":
        this.limits.save();
        break;
      case "restart": {
        // An orderly one: what it was is written down.
        this.limits.save();
        const before = this.limits;
        for (const each of this.running) each.pass.done({ tokens: 0, exact: true, durationMs: 0 });
        for (const id of KEYS) before.forget(id);
        this.running = [];
        for (const each of this.lost) each.until = 0;
        this.limits = this.#born();
        this.limits.restore([...this.deps.store.usage.values()], this.deps.clock.now());
      }
    }
    this.#compare();
  }

  #of(index: number): StoredKey {
    const found = this.keys[index];
    if (found === undefined) throw new Error(`no key ${index}`);
    return found;
  }

  /** Of a key that is gone; must change nothing. */
  #lateEnd(running: Running): false {
    running.pass.done({ tokens: 5, exact: true, durationMs: 5 });
    running.pass.hold();
    return false;
  }

  #places(index: number): { running: number; held: number } {
    const now = this.deps.clock.now();
    return {
      running: this.running.filter((each) => each.key === index).length,
      held: this.lost.filter((each) => each.key === index && each.until > now).length,
    };
  }

  #ask(index: number, id: string, attempt: number, contentLength: number, until = 0): void {
    const limits = this.#of(index);
    const now = this.deps.clock.now();
    const admission = this.limits.admit({ id, key_id: limits.id, contentLength, attempt }, limits, now);
    const { running, held } = this.#places(index);
    const kept = until > now;
    if (kept) expect(admission.kind).toBe("admitted");
    if (admission.kind === "refused") {
      expect(admission.retryAfterS).toBeGreaterThanOrEqual(1);
      return;
    }
    if (!kept && limits.max_concurrency !== null) {
      expect(running + held).toBeLessThan(limits.max_concurrency);
    }
    this.running.push({ id, key: index, attempt, pass: admission.pass });
    if (attempt === 1 && limits.rpm !== null) {
      this.entered.push({ key: index, at: now });
      const inMinute = this.entered.filter((each) => each.key === index && each.at > now - MINUTE);
      expect(inMinute.length).toBeLessThanOrEqual(limits.rpm);
    }
  }

  #end(number: number, step: { do: "done" | "hold"; tokens: number }): void {
    const [ended] = this.running.splice(number % Math.max(1, this.running.length), 1);
    if (ended === undefined) return;
    if (step.do === "done")
      ended.pass.done({ tokens: step.tokens, exact: true, durationMs: step.tokens * 10 });
    else {
      ended.pass.hold();
      this.lost.push({ ...ended, until: this.deps.clock.now() + 10_000 });
    }
    // Whatever it is told later, it is over.
    ended.pass.hold();
    ended.pass.done({ tokens: 1_000, exact: true, durationMs: 1 });
  }

  #compare(): void {
    const gauge = this.limits.gauge();
    for (const [index, id] of KEYS.entries()) {
      const { running, held } = gauge[id] ?? { running: 0, held: 0 };
      expect({ running, held }).toEqual(this.#places(index));
    }
  }

  async end(): Promise<void> {
    for (const each of this.running) each.pass.done({ tokens: 1, exact: true, durationMs: 1 });
    this.running = [];
    await this.deps.clock.drain(10_000);
    for (const of of Object.values(this.limits.gauge())) {
      expect(of).toEqual({ running: 0, held: 0, reserved: 0 });
    }
    expect(this.deps.clock.timers).toBe(0);
    await this.deps.clock.advance(86_400_000 + MINUTE);
    for (const of of this.keys) {
      expect(
        this.limits.admit(
          { id: "last", key_id: of.id, contentLength: 0, attempt: 1 },
          of,
          this.deps.clock.now(),
        ).kind,
      ).toBe("admitted");
    }
  }
}

test("whatever comes, ends, is held, comes again, expires or is forgotten: counts are right, no minute has more than rpm, all returns to zero", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const world = new World();
      for (const next of steps) await world.take(next);
      await world.end();
    }),
    { numRuns: 150 },
  );
}, 60_000);
