import { expect, test } from "vitest";
import { sparkPath } from "./spark-path.ts";

test("the line has a gap where nothing was measured", () => {
  const points = [0, 1, null, 3, 4].map((value, at) => ({ at, value }));
  expect(sparkPath(points, 0, 4, 4)).toBe("M0.0 38.0L60.0 29.0M180.0 11.0L240.0 2.0");
});

test("nothing is drawn of nothing, and a lone point is seen", () => {
  expect(sparkPath([], -60, 0, 1)).toBe("");
  expect(sparkPath([{ at: 60, value: 1 }], 0, 60, 1)).toBe("M240.0 2.0h-3");
});
