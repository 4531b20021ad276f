import fc from "fast-check";
import { expect, test } from "vitest";
import { YIELD_REASONS, yielding } from "../../../shared/protocol/messages.ts";
import type { SharingRules } from "../owner-settings.ts";
import { sharingStatus } from "../status.ts";
import { decide, type SharingFacts, yieldingOf } from "./decide.ts";

const NOW = new Date("2026-11-23T12:00:00Z");
const ON = {
  rules: {
    mains_only: true,
    // Over for today, whatever the time zone of whoever runs this.
    schedule: [{ days: [new Date(NOW.getTime() - 2 * 86_400_000).getDay()], from: "00:00", to: "00:01" }],
    gpu_threshold: 20,
    yield_to_full_screen: true,
  },
  facts: { pause: { until: undefined }, onMains: false, gpuBusy: { program: "game" }, fullScreen: true },
} satisfies { rules: SharingRules; facts: SharingFacts };
const OFF = {
  rules: { mains_only: false, schedule: [], gpu_threshold: null, yield_to_full_screen: false },
  facts: { pause: undefined, onMains: true, gpuBusy: undefined, fullScreen: false },
} satisfies { rules: SharingRules; facts: SharingFacts };

test.each<[string, Partial<SharingRules>, Partial<SharingFacts>, object]>([
  ["nothing is wanted and nothing is the matter", {}, {}, { state: "sharing" }],
  [
    "facts without a rule about them do not count",
    {},
    { ...ON.facts, pause: undefined },
    { state: "sharing" },
  ],
  [
    "rules without facts do not count",
    { ...ON.rules, schedule: [] },
    { onMains: undefined, fullScreen: undefined },
    { state: "sharing" },
  ],
  ["a pause without an end", {}, { pause: { until: undefined } }, { reason: "paused", until: null }],
  [
    "a pause",
    {},
    { pause: { until: new Date(NOW.getTime() + 1) } },
    { reason: "paused", until: "2026-11-23T12:00:00.001Z" },
  ],
  [
    "a pause that ends in a year that RFC 3339 cannot write",
    {},
    { pause: { until: new Date("9999-12-31T23:59:59-08:00") } },
    { reason: "paused", until: null },
  ],
  ["a pause that is over", {}, { pause: { until: NOW } }, { state: "sharing" }],
  [
    "a battery",
    { mains_only: true },
    { onMains: false },
    { reason: "on_battery", detail: null, until: null },
  ],
  [
    "other hours",
    { schedule: ON.rules.schedule },
    {},
    { reason: "outside_schedule", until: expect.any(String) },
  ],
  [
    "a GPU in use",
    { gpu_threshold: 1 },
    { gpuBusy: { program: "game.exe" } },
    { reason: "gpu_busy", detail: "game.exe" },
  ],
  [
    "a GPU in use by nobody knows what",
    { gpu_threshold: 1 },
    { gpuBusy: { program: undefined } },
    { reason: "gpu_busy", detail: null },
  ],
  ["a full screen", { yield_to_full_screen: true }, { fullScreen: true }, { reason: "full_screen" }],
])("%s", (_, rules, facts, expected) => {
  expect(decide({ ...OFF.rules, ...rules }, { ...OFF.facts, ...facts }, NOW)).toMatchObject(expected);
});

test("of all reasons together the first in their order is told, then the next when that one is gone", () => {
  let { rules, facts }: { rules: SharingRules; facts: SharingFacts } = ON;
  const told: string[] = [];
  const without = [
    () => (facts = { ...facts, pause: undefined }),
    () => (facts = { ...facts, onMains: true }),
    () => (rules = { ...rules, schedule: [] }),
    () => (facts = { ...facts, gpuBusy: undefined }),
    () => (facts = { ...facts, fullScreen: false }),
  ];
  for (const end of without) {
    const status = decide(rules, facts, NOW);
    told.push(status.state === "yielding" ? status.reason : "sharing");
    end();
  }
  // The last is not the owner's.
  expect(told).toEqual(YIELD_REASONS.filter((reason) => reason !== "updating"));
  expect(decide(rules, facts, NOW)).toEqual({ state: "sharing" });
});

test("whatever is decided fits the status and the wire", () => {
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const facts: fc.Arbitrary<SharingFacts> = fc.record({
    pause: maybe(
      fc.record({
        until: maybe(fc.date({ min: new Date(0), max: new Date("2099-01-01"), noInvalidDate: true })),
      }),
    ),
    onMains: maybe(fc.boolean()),
    gpuBusy: maybe(fc.record({ program: maybe(fc.string({ maxLength: 400 })) })),
    fullScreen: maybe(fc.boolean()),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(ON.rules, OFF.rules, { ...ON.rules, schedule: [] }),
      facts,
      (rules, known) => {
        const status = decide(rules, known, NOW);
        expect(sharingStatus.parse(status)).toEqual(status);
        const said = yieldingOf(status);
        expect(said === null).toBe(status.state === "sharing");
        if (said !== null) expect(yielding.parse(said)).toEqual(said);
      },
    ),
  );
});
