import { describe, expect, test } from "vitest";
import { LIMITS, windowFor } from "./limits.ts";

describe("limits", () => {
  test("TN10: windows are full size until their sum would pass 32 MiB, and then an equal share", () => {
    expect(windowFor(0)).toBe(LIMITS.window_bytes);
    expect(windowFor(128)).toBe(LIMITS.window_bytes);
    expect(windowFor(129)).toBeLessThan(LIMITS.window_bytes);
    for (const streams of [1, 100, 129, 500, 2_048]) {
      expect(windowFor(streams) * streams).toBeLessThanOrEqual(LIMITS.total_window_bytes);
    }
  });

  test("TN10: a window is never less than one DATA frame", () => {
    expect(windowFor(1_000_000)).toBe(LIMITS.window_floor_bytes);
    expect(LIMITS.window_floor_bytes).toBeGreaterThanOrEqual(LIMITS.data_bytes);
  });
});
