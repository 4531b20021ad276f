import { expect, test } from "vitest";
import { type MachineForm, patchOf } from "./machine-patch.ts";

const before: MachineForm = { name: "tower", tags: ["a"], note: "", weight: 1, max_concurrency: 4 };

test("what was not touched is not sent, and so the machine's own limit stays its own", () => {
  expect(patchOf(before, { ...before, name: " tower " })).toEqual({});
  expect(patchOf(before, { ...before, note: "attic" })).toEqual({ note: "attic" });
});

test("an emptied number of requests at once goes back to the machine's own", () => {
  expect(patchOf(before, { ...before, max_concurrency: null })).toEqual({ max_concurrency: null });
});

test("a weight that is missing is none that was chosen", () => {
  expect(patchOf(before, { ...before, weight: null })).toEqual({});
});

test("everything that was changed goes together", () => {
  const now: MachineForm = { name: "attic", tags: ["b"], note: "n", weight: 2.5, max_concurrency: 1 };
  expect(patchOf(before, now)).toEqual(now);
});
