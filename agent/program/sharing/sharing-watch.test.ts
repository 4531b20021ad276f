import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "../../testing/fake-clock.ts";
import { DEFAULT_OWNER_SETTINGS, type SharingRules } from "../owner-settings.ts";
import type { SharingStatus } from "../status.ts";
import { FREE_MS } from "./gpu-gate.ts";
import type { GpuUse, OwnerSensors } from "./sensors.ts";
import { FIRST_LOOK_MS, LOOK_MS, POLL_MS, SharingWatch, SILENT_MS } from "./sharing-watch.ts";

const BEGAN = new Date(2026, 10, 23, 12, 0);

let clock: FakeClock;
let now: { onMains: boolean | undefined; gpu: GpuUse | undefined; fullScreen: boolean | undefined };
let asked: string[];
let told: SharingStatus[];
let watch: SharingWatch;

beforeEach(() => {
  clock = new FakeClock();
  now = { onMains: true, gpu: undefined, fullScreen: false };
  asked = [];
  told = [];
});

const sensors: OwnerSensors = {
  onMains: async () => {
    asked.push("mains");
    return now.onMains;
  },
  gpuUsedByOthers: async () => {
    asked.push("gpu");
    return now.gpu;
  },
  fullScreen: async () => {
    asked.push("screen");
    return now.fullScreen;
  },
};

const wallClock = (): Date => new Date(BEGAN.getTime() + clock.now());
const rulesOf = (rules: Partial<SharingRules>): SharingRules => ({
  ...DEFAULT_OWNER_SETTINGS.sharing,
  ...rules,
});

async function begin(
  rules: Partial<SharingRules> = {},
  over: Partial<ConstructorParameters<typeof SharingWatch>[0]> = {},
): Promise<void> {
  watch = new SharingWatch({
    clock,
    wallClock,
    rules: rulesOf(rules),
    pause: undefined,
    sensors,
    changed: (status) => told.push(status),
    ...over,
  });
  await watch.start();
}

/** Time passes as the sensors are asked. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= POLL_MS) {
    clock.advance(Math.min(left, POLL_MS));
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

const reasons = (): string[] =>
  told.map((status) => (status.state === "yielding" ? status.reason : "sharing"));

test("without rules no sensor is asked, no timer runs, and all is shared", async () => {
  await begin();
  expect([watch.status, asked, clock.pending, told]).toEqual([{ state: "sharing" }, [], [], []]);
});

test("on battery from the start, nobody is told that it is shared", async () => {
  now.onMains = false;
  await begin({ mains_only: true });
  expect(watch.status).toMatchObject({ state: "yielding", reason: "on_battery" });
  expect(reasons()).toEqual(["on_battery"]);
});

test("mains and full screen count at the next look, each way, and are told once", async () => {
  await begin({ mains_only: true, yield_to_full_screen: true });
  now.onMains = false;
  await pass(3 * POLL_MS);
  now.fullScreen = true;
  await pass(POLL_MS);
  now.onMains = true;
  await pass(POLL_MS);
  now.fullScreen = undefined;
  await pass(POLL_MS);
  expect(reasons()).toEqual(["on_battery", "full_screen", "sharing"]);
  expect(asked).not.toContain("gpu");
});

describe("a GPU", () => {
  const game: GpuUse = { percent: 80, program: "game" };

  test("is in use after two looks above the threshold, and free half a minute after the last", async () => {
    await begin({ gpu_threshold: 20 });
    now.gpu = game;
    await pass(POLL_MS);
    now.gpu = { percent: 20 };
    await pass(POLL_MS);
    now.gpu = game;
    await pass(POLL_MS);
    expect(told).toEqual([]);
    await pass(POLL_MS);
    expect(told).toEqual([{ state: "yielding", reason: "gpu_busy", detail: "game", until: null }]);
    now.gpu = { percent: 0 };
    await pass(FREE_MS - POLL_MS);
    now.gpu = { percent: 90, program: "another" };
    await pass(POLL_MS);
    now.gpu = undefined;
    await pass(FREE_MS);
    expect(reasons()).toEqual(["gpu_busy"]);
    await pass(POLL_MS);
    expect(reasons()).toEqual(["gpu_busy", "sharing"]);
  });

  test("is looked at anew when the owner sets another threshold, and not at all without one", async () => {
    await begin({ gpu_threshold: 20 });
    now.gpu = game;
    await pass(2 * POLL_MS);
    watch.setRules(rulesOf({ gpu_threshold: 90 }));
    await pass(3 * POLL_MS);
    expect(reasons()).toEqual(["gpu_busy", "sharing"]);
    watch.setRules(rulesOf({}));
    asked = [];
    await pass(3 * POLL_MS);
    expect([asked, clock.pending]).toEqual([[], []]);
  });
});

test("rules that come and go ask their sensors or do not, and what these said is forgotten", async () => {
  now.fullScreen = true;
  await begin({ yield_to_full_screen: true });
  watch.setRules(rulesOf({ mains_only: true }));
  await pass(POLL_MS);
  asked = [];
  await pass(2 * POLL_MS);
  expect([reasons(), asked]).toEqual([
    ["full_screen", "sharing"],
    ["mains", "mains"],
  ]);
});

describe("by the clock", () => {
  test("a pause ends at its time, or when its owner resumes", async () => {
    await begin();
    watch.pause(new Date(BEGAN.getTime() + 90_000));
    expect(watch.status).toMatchObject({
      reason: "paused",
      until: new Date(BEGAN.getTime() + 90_000).toISOString(),
    });
    clock.advance(89_999);
    expect(reasons()).toEqual(["paused"]);
    clock.advance(1);
    expect(reasons()).toEqual(["paused", "sharing"]);
    expect(clock.pending).toEqual([]);
    watch.pause(undefined);
    clock.advance(1e9);
    watch.resume();
    expect(reasons()).toEqual(["paused", "sharing", "paused", "sharing"]);
  });

  test("a pause that was kept from the last run holds", async () => {
    await begin({}, { pause: { until: undefined } });
    expect(watch.status).toMatchObject({ reason: "paused" });
  });

  test("a schedule opens and shuts on the minute", async () => {
    await begin({ schedule: [{ days: [1], from: "12:01", to: "12:03" }] });
    expect(watch.status).toMatchObject({
      reason: "outside_schedule",
      until: new Date(2026, 10, 23, 12, 1).toISOString(),
    });
    clock.advance(60_000);
    expect(reasons()).toEqual(["outside_schedule", "sharing"]);
    clock.advance(119_999);
    expect(told).toHaveLength(2);
    clock.advance(1);
    expect(told.at(-1)).toMatchObject({ until: new Date(2026, 10, 30, 12, 1).toISOString() });
  });

  test("after a sleep in which timers stood still, the time is noticed within a minute", async () => {
    let slept = 0;
    await begin(
      { schedule: [{ days: [1], from: "18:00", to: "19:00" }] },
      { wallClock: () => new Date(wallClock().getTime() + slept) },
    );
    slept = 6 * 3_600_000;
    clock.advance(LOOK_MS);
    expect(reasons()).toEqual(["outside_schedule", "sharing"]);
  });
});

test("a sensor that never answers holds the start up for no longer than a few seconds, and is not asked again", async () => {
  const mains = (): Promise<boolean> => {
    asked.push("mains");
    return new Promise(() => {});
  };
  const begun = begin({ mains_only: true }, { sensors: { ...sensors, onMains: mains } });
  clock.advance(FIRST_LOOK_MS);
  await begun;
  await pass(4 * POLL_MS);
  expect([watch.status, asked]).toEqual([{ state: "sharing" }, ["mains"]]);
});

test("stopped, it asks nobody, tells nothing and leaves no timer", async () => {
  await begin({
    mains_only: true,
    gpu_threshold: 10,
    yield_to_full_screen: true,
    schedule: [{ days: [1], from: "11:00", to: "13:00" }],
  });
  clock.advance(POLL_MS);
  watch.stop();
  asked = [];
  now.onMains = false;
  await pass(10 * POLL_MS);
  watch.pause(undefined);
  expect([asked, told, clock.pending]).toEqual([[], [], []]);
});

test("a sensor that falls silent makes nobody yield for ever, and is not asked again before it has answered", async () => {
  const answers: ((use: GpuUse | undefined) => void)[] = [];
  const gpuUsedByOthers = (): Promise<GpuUse | undefined> =>
    new Promise((resolve) => void answers.push(resolve));
  const answer = async (): Promise<void> => {
    answers.at(-1)?.({ percent: 90, program: "game.exe" });
    await pass(1);
    await pass(POLL_MS);
  };
  void begin({ gpu_threshold: 50 }, { sensors: { ...sensors, gpuUsedByOthers } });
  await answer();
  await answer();
  expect(reasons()).toEqual(["gpu_busy"]);
  const before = answers.length;
  await pass(SILENT_MS + FREE_MS + POLL_MS);
  expect([reasons(), answers.length]).toEqual([["gpu_busy", "sharing"], before]);
  await answer();
  await answer();
  expect(reasons()).toEqual(["gpu_busy", "sharing", "gpu_busy"]);
  watch.stop();
  expect(clock.pending).toEqual([]);
});

test("a battery that was told of once and cannot be seen any more counts as unknown", async () => {
  let silent = false;
  const onMains = (): Promise<boolean> => (silent ? new Promise(() => {}) : Promise.resolve(false));
  await begin({ mains_only: true }, { sensors: { ...sensors, onMains } });
  expect(reasons()).toEqual(["on_battery"]);
  silent = true;
  await pass(POLL_MS + SILENT_MS);
  expect(reasons()).toEqual(["on_battery", "sharing"]);
  watch.stop();
  expect(clock.pending).toEqual([]);
});
