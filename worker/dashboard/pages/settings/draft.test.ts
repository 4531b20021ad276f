import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Settings, settings as schema, settingsPatch } from "../../../../shared/api/settings.ts";
import { DEFAULT_SETTINGS } from "../../../../shared/api/settings-defaults.ts";
import {
  BOUNDS,
  changedFields,
  type Draft,
  draftOf,
  FIELDS,
  faultOf,
  localFaults,
  NUMBERS,
  patchOf,
  rebase,
  settingOf,
} from "./draft.ts";

const name = fc.constantFrom("gpt-4o", "fast", "qwen3:32b", "__proto__", "constructor", "a b");
const table = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
  fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 3 }).map(Object.fromEntries);
const settings: fc.Arbitrary<Settings> = fc.record({
  strategy: fc.constantFrom("auto", "round-robin", "least-loaded", "weighted"),
  queue: fc.record({ max_length: fc.integer({ min: 0, max: 3 }), timeout_s: fc.integer({ min: 1, max: 3 }) }),
  resume_window_s: fc.integer({ min: 0, max: 2 }),
  connect_timeout_s: fc.integer({ min: 1, max: 3 }),
  first_byte_timeout_s: fc.integer({ min: 1, max: 3 }),
  idle_timeout_s: fc.integer({ min: 1, max: 3 }),
  retention_days: fc.integer({ min: 1, max: 3 }),
  cors_origins: fc.subarray(["*", "https://app.example"]),
  aliases: table(fc.constantFrom("llama3.2", "qwen3")),
  fallbacks: table(fc.subarray(["llama3.2", "qwen3"], { minLength: 1 })),
});

/** What the coordinator makes of a patch. */
function applied(before: Settings, patch: ReturnType<typeof patchOf>): Settings {
  const { queue, ...rest } = patch;
  return { ...before, ...rest, queue: { ...before.queue, ...queue } } as Settings;
}

const changed = (before: Settings, after: Settings): Draft => ({ ...draftOf(before), ...draftOf(after) });

describe("what is sent", () => {
  test("leads from what was there to what was typed, in a part that the API takes", () => {
    fc.assert(
      fc.property(settings, settings, (before, after) => {
        const patch = patchOf(draftOf(before), changed(before, after));
        expect(settingsPatch.safeParse(patch).success).toBe(true);
        expect(applied(before, patch)).toEqual(after);
      }),
    );
  });

  test("has nothing in it that was not changed, and nothing that the environment has fixed", () => {
    fc.assert(
      fc.property(settings, settings, fc.subarray([...FIELDS]), (before, after, fixed) => {
        expect(patchOf(draftOf(before), draftOf(before))).toEqual({});
        const locked = fixed.map(settingOf);
        const patch = patchOf(draftOf(before), draftOf(after), locked);
        const touched = new Set(changedFields(draftOf(before), draftOf(after)).map(settingOf));
        for (const sent of Object.keys(patch)) {
          expect(touched.has(sent)).toBe(true);
          expect(locked).not.toContain(sent);
        }
      }),
    );
  });

  test("of the queue only the number that was changed", () => {
    const base = draftOf(DEFAULT_SETTINGS);
    expect(patchOf(base, { ...base, "queue.timeout_s": 30 })).toEqual({ queue: { timeout_s: 30 } });
  });

  test("rows in another order are no change, models in another order are one", () => {
    const base: Draft = {
      ...draftOf(DEFAULT_SETTINGS),
      aliases: [
        { name: "a", target: "x" },
        { name: "b", target: "y" },
      ],
      fallbacks: [{ name: "a", models: ["x", "y"] }],
    };
    expect(patchOf(base, { ...base, aliases: base.aliases.toReversed() })).toEqual({});
    const turned = [{ name: "a", models: ["y", "x"] }];
    expect(patchOf(base, { ...base, fallbacks: turned })).toEqual({ fallbacks: { a: ["y", "x"] } });
  });
});

describe("settings that are changed elsewhere meanwhile", () => {
  test("what was typed stays, what was not touched follows, and saving changes only what was typed", () => {
    fc.assert(
      fc.property(settings, settings, settings, (before, typed, elsewhere) => {
        const [base, draft, remote] = [draftOf(before), draftOf(typed), draftOf(elsewhere)];
        const { draft: next, taken, conflicts } = rebase(base, draft, remote);
        const mine = changedFields(base, draft);
        for (const field of FIELDS) {
          expect(next[field]).toEqual(mine.includes(field) ? draft[field] : remote[field]);
        }
        expect(taken.filter((field) => mine.includes(field))).toEqual([]);
        expect(conflicts.every((field) => mine.includes(field))).toBe(true);
        expect(changedFields(remote, next).every((field) => mine.includes(field))).toBe(true);
      }),
    );
  });

  test("both changed one field: that is told, unless they agree", () => {
    const base = draftOf(DEFAULT_SETTINGS);
    const mine = { ...base, retention_days: 30 };
    expect(rebase(base, mine, { ...base, retention_days: 14 }).conflicts).toEqual(["retention_days"]);
    expect(rebase(base, mine, mine).conflicts).toEqual([]);
  });
});

describe("faults", () => {
  test("what cannot be sent is found before it is sent", () => {
    const base = draftOf(DEFAULT_SETTINGS);
    expect(localFaults(base)).toEqual({});
    const row = { name: "a", target: "x" };
    const broken: Draft = {
      ...base,
      retention_days: null,
      aliases: [row, { ...row, name: " a " }],
      fallbacks: [{ name: "b", models: [] }],
    };
    expect(localFaults(broken)).toEqual({ retention_days: "missing", aliases: "twice", fallbacks: "empty" });
    expect(localFaults({ ...base, aliases: [{ name: "a", target: " " }] })).toEqual({ aliases: "empty" });
  });

  test("the API's faults find their field, with the entry that is meant", () => {
    expect(faultOf({ "queue.timeout_s": "must be at least 1" }, "queue.timeout_s")).toBe(
      "must be at least 1",
    );
    expect(faultOf({ "cors_origins.2": "must be *" }, "cors_origins")).toBe("2: must be *");
    expect(faultOf({ "aliases.gpt-4.1": "is bad" }, "aliases")).toBe("gpt-4.1: is bad");
    expect(faultOf({ aliases: "has a cycle" }, "fallbacks")).toBeUndefined();
  });
});

test("the bounds that are shown are those of the API", () => {
  const at = (field: (typeof NUMBERS)[number], value: number): boolean => {
    const all = applied(
      DEFAULT_SETTINGS,
      patchOf(draftOf(DEFAULT_SETTINGS), { ...draftOf(DEFAULT_SETTINGS), [field]: value }),
    );
    return schema.safeParse(all).success;
  };
  for (const field of NUMBERS) {
    const { min, max } = BOUNDS[field];
    expect([at(field, min), at(field, max), at(field, min - 1), at(field, max + 1)], field).toEqual([
      true,
      true,
      false,
      false,
    ]);
  }
});
