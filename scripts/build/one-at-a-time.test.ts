import { mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a second one waits for the first, also when that fails", async () => {
  const lock = join(folder, "lock");
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = oneAtATime(lock, async () => {
    order.push("first begins");
    await gate.promise;
    order.push("first ends");
    throw new Error("broken");
  });
  const second = oneAtATime(lock, async () => order.push("second"));
  gate.resolve();
  await expect(first).rejects.toThrow("broken");
  await second;
  expect(order).toEqual(["first begins", "first ends", "second"]);
});

test("a lock that a killed program has left holds nobody up for ever", async () => {
  const lock = join(folder, "lock");
  mkdirSync(lock);
  utimesSync(lock, 1, 1);
  expect(await oneAtATime(lock, async () => "done")).toBe("done");
});
