import { describe, expect, test } from "vitest";
import { chooseDefaultModel, DEFAULT_MODELS } from "./default-model.ts";

const GIB_MB = 1024;
const choose = (gpuMb: number[], memoryTotalMb: number, diskFreeMb?: number): string | undefined =>
  chooseDefaultModel({
    gpus: gpuMb.map((mb) => ({ name: "Card", memory_total_mb: mb })),
    memoryTotalMb,
    diskFreeMb,
  })?.name;

test("the table grows in every respect, so that the last that fits is the best", () => {
  for (const key of ["download_bytes", "memory_mb"] as const) {
    const values = DEFAULT_MODELS.map((model) => model[key]);
    expect(values).toEqual([...values].sort((a, b) => a - b));
  }
  for (const { download_bytes, memory_mb } of DEFAULT_MODELS) {
    expect(Number.isInteger(download_bytes)).toBe(true);
    expect(memory_mb * 1024 * 1024).toBeGreaterThan(download_bytes);
  }
});

describe("a GPU decides where there is one", () => {
  test.each([
    // As drivers report cards of 6, 8, 12, 16 and 24 GB.
    [6_144, "gemma3:4b"],
    [8_188, "gemma3:4b"],
    [10_999, "gemma3:4b"],
    [11_000, "gemma3:12b"],
    [12_282, "gemma3:12b"],
    [16_376, "gpt-oss:20b"],
    [21_999, "gpt-oss:20b"],
    [24_564, "gemma3:27b"],
    [81_559, "gemma3:27b"],
  ])("%i MiB: %s", (mb, name) => {
    expect(choose([mb], 64 * GIB_MB)).toBe(name);
  });

  test("several of one kind count together, of several kinds the best", () => {
    expect(choose([12_282, 12_282], 64 * GIB_MB)).toBe("gemma3:27b");
    const gpus = [
      { name: "One", memory_total_mb: 8_188 },
      { name: "Other", memory_total_mb: 12_282 },
    ];
    expect(chooseDefaultModel({ gpus, memoryTotalMb: 1, diskFreeMb: undefined })?.name).toBe("gemma3:12b");
  });

  test("of an Apple machine two thirds of its memory", () => {
    const gpus = [{ name: "Apple M3 Pro" }];
    expect(chooseDefaultModel({ gpus, memoryTotalMb: 18 * GIB_MB, diskFreeMb: undefined })?.name).toBe(
      "gemma3:12b",
    );
  });
});

describe("otherwise half of the memory, and what is quick on a processor", () => {
  test.each([
    [3_999, undefined],
    [4_000, "gemma3:1b"],
    [7_800, "gemma3:1b"],
    [9_999, "gemma3:1b"],
    [10_000, "gemma3:4b"],
    [15_800, "gemma3:4b"],
    [30_999, "gemma3:4b"],
    [31_000, "gpt-oss:20b"],
    [512 * GIB_MB, "gpt-oss:20b"],
  ])("%i MiB: %s", (mb, name) => {
    expect(choose([], mb)).toBe(name);
  });

  test("a small GPU is as none", () => {
    expect(choose([4_999], 16_000)).toBe("gemma3:4b");
    expect(choose([128, 4_096], 16_000)).toBe("gemma3:4b");
    expect(choose([5_000], 1)).toBe("gemma3:4b");
  });
});

test("a disk with less room gets a smaller one, and none where none fits", () => {
  expect(choose([24_564], 64 * GIB_MB, 18_260)).toBe("gpt-oss:20b");
  expect(choose([24_564], 64 * GIB_MB, 18_261)).toBe("gemma3:27b");
  expect(choose([24_564], 64 * GIB_MB, 6_000)).toBe("gemma3:4b");
  expect(choose([24_564], 64 * GIB_MB, 2_825)).toBeUndefined();
  expect(choose([24_564], 64 * GIB_MB, 2_826)).toBe("gemma3:1b");
});
