import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KeyView, keyCreate, keyPatch } from "../../../../shared/api/keys.ts";
import {
  createOf,
  draftOf,
  expiryOf,
  faultOf,
  type KeyDraft,
  localInput,
  NEW_KEY,
  patchOf,
} from "./form/key-draft.ts";
import { expiryState, limitUses, tightest } from "./limit-uses.ts";
import { snippetsFor } from "./snippets.ts";
import { barParts, usageRows } from "./usage/usage-rows.ts";

const NOW = Date.parse("2026-11-23T10:00:00.000Z");

const view = (change: Partial<KeyView> = {}): KeyView => ({
  id: "5f0c3f0e-6a7b-4c0e-8f3d-111111111111",
  name: "laptop",
  prefix: "ock_abcdef",
  permissions: ["infer"],
  models: null,
  path: false,
  created_at: "2026-11-01T00:00:00.000Z",
  expires_at: null,
  last_used_at: null,
  rpm: null,
  tpm: null,
  tpd: null,
  max_concurrency: null,
  priority: "normal",
  weight: 1,
  usage: { rpm: 0, tpm: 0, tpd: 0, concurrent: 0 },
  ...change,
});

const limit = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: null });
const draft: fc.Arbitrary<KeyDraft> = fc.record({
  name: fc.constantFrom("laptop", "ci", "<b>x</b>"),
  infer: fc.constant(true),
  manage: fc.boolean(),
  path: fc.boolean(),
  models: fc.subarray(["qwen3:*", "llama3.2:3b"]),
  expiry: fc.constantFrom("never", "30", "at"),
  expiresAt: fc.constantFrom("2027-01-02T03:04", "2027-05-06T07:08"),
  rpm: limit,
  tpm: limit,
  tpd: limit,
  max_concurrency: limit,
  priority: fc.constantFrom("high", "normal", "low"),
  weight: fc.option(fc.integer({ min: 1, max: 9 }), { nil: null }),
});

describe("the form of a key", () => {
  test("whatever is chosen in it, the coordinator's own schema takes it", () => {
    fc.assert(
      fc.property(draft, (typed) => {
        expect(keyCreate.safeParse(createOf(typed, NOW)).success).toBe(true);
        expect(keyPatch.safeParse(patchOf(view(), typed, NOW)).success).toBe(true);
      }),
    );
  });

  test("a change sends what was changed and nothing else, and leads to what was typed", () => {
    fc.assert(
      fc.property(draft, draft, (before, after) => {
        const { permissions, models = null, expires_at = null } = createOf(before, NOW);
        const { name, path, rpm, tpm, tpd, max_concurrency, priority } = before;
        const own = { name, path, rpm, tpm, tpd, max_concurrency, priority, weight: before.weight ?? 1 };
        const key = view({ ...own, permissions, models, expires_at });
        expect(patchOf(key, draftOf(key), NOW)).toEqual({});
        const patched = { ...key, ...patchOf(key, after, NOW) };
        const { models: wanted = null, expires_at: end = null, ...others } = createOf(after, NOW);
        expect(patched).toMatchObject({ ...others, models: wanted });
        // An end stays to the second where nobody touched it; the form has only minutes.
        if (patched.expires_at !== key.expires_at) expect(patched.expires_at).toBe(end);
      }),
    );
  });

  test("a new key may use models, has no end and no limit", () => {
    expect(createOf({ ...NEW_KEY, name: "ci" }, NOW)).toMatchObject({
      name: "ci",
      permissions: ["infer"],
      rpm: null,
    });
    expect(createOf(NEW_KEY, NOW)).not.toHaveProperty("expires_at");
    expect(createOf(NEW_KEY, NOW)).not.toHaveProperty("models");
  });

  test("an end is days from now or a local time, and half a time is not sent as never", () => {
    expect(expiryOf({ expiry: "7", expiresAt: "" }, NOW)).toBe("2026-11-30T10:00:00.000Z");
    const at = new Date(2027, 0, 2, 3, 4);
    expect(expiryOf({ expiry: "at", expiresAt: localInput(at) }, NOW)).toBe(at.toISOString());
    expect(expiryOf({ expiry: "at", expiresAt: "" }, NOW)).toBe("");
  });

  test("a fault of a list's entry is shown at the list", () => {
    expect(faultOf({ "models.3": "is too long" }, "models")).toBe("is too long");
    expect(faultOf({ models_max: "no" }, "models")).toBeUndefined();
  });
});

describe("limits", () => {
  test("only those that hold are counted, and the tightest is the one that stops first", () => {
    const uses = limitUses(view({ rpm: 10, tpd: 1_000, usage: { rpm: 5, tpm: 7, tpd: 900, concurrent: 3 } }));
    expect(uses.map(({ name, share, tone }) => [name, share, tone])).toEqual([
      ["rpm", 0.5, "accent"],
      ["tpd", 0.9, "warn"],
    ]);
    expect(tightest(uses)?.name).toBe("tpd");
    expect(tightest(limitUses(view()))).toBeUndefined();
  });

  test("at the limit and above it is bad", () => {
    const [use] = limitUses(view({ tpm: 100, usage: { rpm: 0, tpm: 130, tpd: 0, concurrent: 0 } }));
    expect(use).toMatchObject({ share: 1.3, tone: "bad" });
  });

  test("a key that ends within a week says so", () => {
    const states = [null, "2026-11-23T10:00:00.000Z", "2026-11-29T10:00:00.000Z", "2026-12-24T10:00:00.000Z"];
    expect(states.map((at) => expiryState(at, NOW))).toEqual(["live", "expired", "soon", "live"]);
  });
});

test("a model's name cannot end the quotes of a snippet", () => {
  const curl = snippetsFor("https://llm.example", "ock_x", "a'; rm -rf ~; '").find(({ id }) => id === "curl");
  expect(curl?.text).toContain(`a'\\''; rm -rf ~; '\\''`);
});

test("usage is tokens of prompts and answers together, days newest first", () => {
  const none = { p50: null, p90: null, p95: null, p99: null };
  const figures = {
    requests: 2,
    errors: 1,
    cancelled: 0,
    prompt_tokens: 30,
    completion_tokens: 10,
    tokens_per_second: null,
    queue_ms: none,
    first_byte_ms: none,
    duration_ms: none,
  };
  const stats = {
    from: "",
    to: "",
    totals: figures,
    by_agent: [],
    by_model: [{ ...figures, model: null }],
    by_key: [{ ...figures, id: "k", name: "laptop" }],
    by_day: [
      { ...figures, day: "2026-11-22" },
      { ...figures, day: "2026-11-23" },
    ],
  };
  expect(usageRows(stats, "day").map(({ name }) => name)).toEqual(["2026-11-23", "2026-11-22"]);
  expect(usageRows(stats, "machine")).toEqual([]);
  expect(usageRows(stats, "model")).toMatchObject([{ name: null, tokens: 40 }]);
  const [row] = usageRows(stats, "key");
  expect(row).toMatchObject({ id: "k", name: "laptop", tokens: 40, requests: 2, errors: 1 });
  if (row !== undefined) expect(barParts(row, 80)).toEqual({ prompt: 37.5, completion: 12.5 });
  if (row !== undefined) expect(barParts(row, 0)).toEqual({ prompt: 0, completion: 0 });
});
