import { expect, test } from "vitest";
import type { AgentState, Gpu } from "../../../shared/protocol/messages.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import type { Capacity } from "./capacity.ts";
import { gpusChanged, gpusOf } from "./gpus.ts";
import { MachineWatch } from "./machine-watch.ts";
import { usageSampler } from "./usage.ts";

function watching(
  gpus: () => Promise<Gpu[]> = async () => [],
  capacity: () => Promise<Capacity> = async () => ({}),
) {
  const clock = new FakeClock();
  const reports: AgentState[] = [];
  const usage = { cpu_usage: 10, memory_usage: 50 };
  const watch = new MachineWatch({
    clock,
    gpus,
    capacity,
    sample: () => ({ ...usage }),
    report: (changes) => reports.push(changes),
  });
  return { clock, reports, usage, watch };
}

test("an idle machine says how it is once, and again only after five points", () => {
  const { clock, reports, usage, watch } = watching();
  watch.start();
  usage.cpu_usage = 14.9;
  clock.advance(3_600_000);
  expect(reports.filter((report) => report.cpu_usage !== undefined)).toEqual([
    { cpu_usage: 10, memory_usage: 50 },
  ]);
  usage.cpu_usage = 15;
  clock.advance(5_000);
  expect(reports.at(-1)).toEqual({ cpu_usage: 15, memory_usage: 50 });
});

test("an idle machine tells small moves once a minute at most, and strain at once", () => {
  const { clock, reports, usage, watch } = watching();
  watch.start();
  usage.cpu_usage = 40;
  clock.advance(30_000);
  expect(reports).toHaveLength(1);
  usage.cpu_usage = 90;
  clock.advance(5_000);
  expect(reports.at(-1)).toEqual({ cpu_usage: 90, memory_usage: 50 });
});

test("a working machine says how it is every minute", () => {
  const { clock, reports, watch } = watching();
  watch.start();
  watch.setWorking(true);
  clock.advance(180_000);
  expect(reports.filter((report) => report.cpu_usage !== undefined)).toHaveLength(4);
  watch.stop();
  expect(clock.pending).toEqual([]);
});

test("GPUs are read once the agent is at work, and one that cannot be read hides nothing", async () => {
  let readings = 0;
  const { clock, reports, watch } = watching(async () => {
    readings++;
    if (readings === 2) throw new Error("nvidia-smi hangs");
    return [{ name: "G", memory_total_mb: 1000 }];
  });
  watch.start();
  expect(readings).toBe(0);
  for (let minute = 0; minute < 3; minute++) {
    clock.advance(minute === 0 ? 1_000 : 60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(readings).toBe(3);
  expect(reports.filter((report) => report.gpus !== undefined)).toEqual([
    { gpus: [{ name: "G", memory_total_mb: 1000 }] },
  ]);
});

test("free disk is told when it has moved, once a minute at most, and a disk that hangs hides nothing", async () => {
  let free = 100_000;
  let hangs = false;
  let readings = 0;
  let gpuReadings = 0;
  const { clock, reports, watch } = watching(
    async () => [{ name: `reading ${++gpuReadings}` }],
    () => {
      readings++;
      return hangs ? new Promise(() => {}) : Promise.resolve({ disk_free_mb: free, memory_total_mb: 64_000 });
    },
  );
  const minute = async (ms = 60_000): Promise<void> => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const told = () => reports.flatMap((report) => report.disk_free_mb ?? []);
  watch.start();
  await minute(1_000);
  free = 99_500;
  await minute();
  expect(told()).toEqual([100_000]);
  free = 90_000;
  await minute(59_000);
  expect(told()).toEqual([100_000]);
  await minute(1_000);
  expect(told()).toEqual([100_000, 90_000]);
  hangs = true;
  await minute();
  await minute();
  expect(readings).toBe(4);
  expect(reports.at(-1)).toEqual({ gpus: [{ name: "reading 5" }] });
  watch.stop();
  expect(clock.pending).toEqual([]);
});

test("GPUs are told from what drivers say, however little that is", () => {
  expect(
    gpusOf({
      controllers: [
        { model: "A", name: "", vram: 8192, memoryTotal: 24_576, memoryUsed: 100, utilizationGpu: 3 },
        { model: "B", vram: null },
        { model: "", vendor: "V", vram: -1, utilizationGpu: 1 },
        { model: "", name: null },
      ],
    }),
  ).toEqual([{ name: "A", memory_total_mb: 24_576, memory_used_mb: 100, utilization: 3 }, { name: "B" }]);
  expect(gpusOf(undefined)).toEqual([]);
});

test("numbers of a GPU that only flicker are no news", () => {
  const gpu = { name: "G", memory_total_mb: 1000, memory_used_mb: 100, utilization: 10 };
  expect(gpusChanged(undefined, [])).toBe(true);
  expect(gpusChanged([gpu], [{ ...gpu, memory_used_mb: 140, utilization: 14 }])).toBe(false);
  expect(gpusChanged([gpu], [{ ...gpu, utilization: 15 }])).toBe(true);
  expect(gpusChanged([gpu], [{ ...gpu, memory_used_mb: 200 }])).toBe(true);
  expect(gpusChanged([gpu], [])).toBe(true);
});

test("a sample of this machine is two percentages", () => {
  const sample = usageSampler();
  for (const usage of [sample(), sample()]) {
    for (const value of [usage.cpu_usage, usage.memory_usage]) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }
  }
});
