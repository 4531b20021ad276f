import { expect, test } from "vitest";
import { FakeClock } from "../testing/fake-clock.ts";
import { type Progress, progress } from "./progress.ts";
import { ProgressMeter } from "./progress-meter.ts";

function metered(total: number | null): { clock: FakeClock; meter: ProgressMeter; told: Progress[] } {
  const clock = new FakeClock();
  const told: Progress[] = [];
  return { clock, meter: new ProgressMeter(clock, total, (one) => told.push(progress.parse(one))), told };
}

test("it tells at most four times a second, and always of the end", () => {
  const { clock, meter, told } = metered(1_000);
  meter.startAt(0);
  for (let bytes = 1; bytes <= 1_000; bytes++) {
    clock.advance(2);
    meter.reached(bytes);
  }
  expect(told.length).toBeLessThanOrEqual(1 + 8 + 1);
  expect(told.at(-1)).toMatchObject({ done_bytes: 1_000, eta_s: 0 });
});

test("the speed is that of the last five seconds, and there is none before the first", () => {
  const { clock, meter, told } = metered(100_000);
  meter.startAt(0);
  let bytes = 0;
  const run = (seconds: number, perQuarter: number): void => {
    for (let quarter = 0; quarter < seconds * 4; quarter++) {
      clock.advance(250);
      bytes += perQuarter;
      meter.reached(bytes);
    }
  };
  run(0.75, 250);
  expect(told.at(-1)).toMatchObject({ bytes_per_s: null, eta_s: null });
  run(4.25, 250);
  expect(told.at(-1)).toMatchObject({ done_bytes: 5_000, bytes_per_s: 1_000, eta_s: 95 });
  run(10, 1_000);
  expect(told.at(-1)?.bytes_per_s).toBe(4_000);
});

test("bytes that were there before are no speed, and beginning again starts a new one", () => {
  const { clock, meter, told } = metered(null);
  meter.startAt(50_000);
  clock.advance(2_000);
  meter.reached(51_000);
  expect(told.at(-1)).toMatchObject({ done_bytes: 51_000, bytes_per_s: 500, eta_s: null, total_bytes: null });
  meter.reached(0);
  expect(told.at(-1)).toMatchObject({ done_bytes: 0, bytes_per_s: null });
});
