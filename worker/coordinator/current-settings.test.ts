import { expect, test } from "vitest";
import type { Settings, SettingsPatch } from "../../shared/api/settings.ts";
import { DEFAULT_SETTINGS } from "../../shared/api/settings-defaults.ts";
import { CurrentSettings } from "./current-settings.ts";
import { MemoryStore } from "./testing/memory-store.ts";

function settingsOf(
  stored: Partial<Settings> = {},
  locked: SettingsPatch = {},
): { store: MemoryStore; settings: CurrentSettings } {
  const store = new MemoryStore();
  store.settings = stored;
  return { store, settings: new CurrentSettings(store, stored, locked) };
}

test("defaults hold, above them what an operator stored, above both what the environment says", () => {
  expect(settingsOf().settings.value).toEqual(DEFAULT_SETTINGS);
  const { settings } = settingsOf(
    { retention_days: 30, cors_origins: ["https://a"] },
    { cors_origins: ["https://b"] },
  );
  expect(settings.view()).toEqual({
    ...DEFAULT_SETTINGS,
    retention_days: 30,
    cors_origins: ["https://b"],
    locked: ["cors_origins"],
  });
});

test("a patch changes what it names, also one field of the queue, and is stored", () => {
  const { store, settings } = settingsOf();
  expect(settings.change({ strategy: "least-loaded", queue: { max_length: 3 } })).toMatchObject({
    ok: true,
    value: { strategy: "least-loaded", queue: { max_length: 3, timeout_s: 600 } },
  });
  expect(settingsOf(store.settings).settings.value).toEqual(settings.value);
  settings.change({ queue: { timeout_s: 9 } });
  expect(settings.value.queue).toEqual({ max_length: 3, timeout_s: 9 });
  expect(Object.keys(store.settings).sort()).toEqual(["queue", "strategy"]);
});

test("a patch with one locked field changes nothing at all and says which", () => {
  const { store, settings } = settingsOf({}, { cors_origins: ["https://a"] });
  expect(settings.change({ retention_days: 1, cors_origins: ["*"] })).toEqual({
    ok: false,
    error: {
      status: 409,
      code: "locked",
      message: "cors_origins: set by the environment of the coordinator, cannot be changed here",
      fields: { cors_origins: "is set by the environment" },
    },
  });
  expect(settings.value).toEqual({ ...DEFAULT_SETTINGS, cors_origins: ["https://a"] });
  expect(store.settings).toEqual({});
});

test("what cannot be stored does not hold", () => {
  const { store, settings } = settingsOf();
  store.refuses = true;
  expect(() => settings.change({ retention_days: 1 })).toThrow(/full/);
  expect(settings.value).toEqual(DEFAULT_SETTINGS);
});

test("what the environment no longer says is what the operator had stored", () => {
  const { store, settings } = settingsOf(
    { cors_origins: ["https://mine"] },
    { cors_origins: ["https://env"] },
  );
  settings.change({ retention_days: 2 });
  expect(settingsOf(store.settings).settings.value).toMatchObject({
    cors_origins: ["https://mine"],
    retention_days: 2,
  });
});

test("a cycle of aliases is refused with its field, and nothing of the patch holds or is stored", () => {
  const { store, settings } = settingsOf();
  expect(settings.change({ retention_days: 1, aliases: { a: "b", b: "A:latest" } })).toEqual({
    ok: false,
    error: {
      status: 400,
      code: "bad_request",
      message: "aliases has the cycle a → b → A:latest",
      fields: { aliases: "has the cycle a → b → A:latest" },
    },
  });
  expect([settings.value, store.settings]).toEqual([DEFAULT_SETTINGS, {}]);
});

test("a cycle that arises only with what is stored is refused, too", () => {
  const { store, settings } = settingsOf({ aliases: { a: "b" } });
  const before = settings.value;
  expect(settings.change({ fallbacks: { b: ["c", "a"] }, strategy: "least-loaded" })).toMatchObject({
    ok: false,
    error: { status: 400, fields: { fallbacks: "has the cycle a → b → a" } },
  });
  expect([settings.value, store.settings]).toEqual([before, { aliases: { a: "b" } }]);
  expect(settings.change({ aliases: {}, fallbacks: { b: ["c", "a"] } })).toMatchObject({ ok: true });
});

test("stored tables that have become invalid stop neither the start nor a change of something else", () => {
  const { settings } = settingsOf({ aliases: { a: "b", b: "a" } });
  expect(settings.change({ retention_days: 1 })).toMatchObject({ ok: true, value: { retention_days: 1 } });
  expect(settings.change({ aliases: { a: "b", b: "c" } })).toMatchObject({ ok: true });
});
