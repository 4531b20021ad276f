import { expect, test } from "vitest";
import { MemoryBudget } from "./memory-budget.ts";

test("gives what fits, and of what does not nothing", () => {
  const budget = new MemoryBudget(100);
  expect(budget.take(60)).toBe(true);
  expect(budget.take(41)).toBe(false);
  expect(budget.used).toBe(60);
  expect(budget.take(40)).toBe(true);
  budget.give(60);
  expect(budget.used).toBe(40);
  expect(budget.take(60)).toBe(true);
});
