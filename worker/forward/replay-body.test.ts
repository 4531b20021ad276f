import { expect, test } from "vitest";
import type { ByteSource } from "../coordinator/client-side.ts";
import { KEEP, MemoryBudget } from "./memory-budget.ts";
import { ReplayBody } from "./replay-body.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A body of that many pieces, and then its end, or its client's. */
function source(pieces: number, size: number, end: "end" | "broken" = "end"): ByteSource {
  let left = pieces;
  return {
    read: () => {
      if (left-- > 0) return new Uint8Array(size);
      if (end === "end") return null;
      throw new Error("the client stopped sending");
    },
    cancel: () => {},
  };
}

async function readAll(body: ByteSource): Promise<number> {
  let bytes = 0;
  for (let chunk = await body.read(); chunk !== null; chunk = await body.read()) bytes += chunk.length;
  return bytes;
}

test("a body is sent again from its beginning, as far as it has been read", async () => {
  const body = new ReplayBody(source(3, KIB), new MemoryBudget(), 3 * KIB);
  await body.readAhead();
  const first = body.attempt();
  await first.read();
  await first.read();
  expect(await readAll(body.attempt())).toBe(3 * KIB);
  expect(await first.read()).toBeNull();
});

test("a body whose model does not come soon reserves all of itself, or goes no further", async () => {
  const budget = new MemoryBudget(8 * MIB);
  const read = async (): Promise<{ body: ReplayBody; pieces: number }> => {
    const body = new ReplayBody(source(80, 64 * KIB), budget, 5 * MIB);
    let pieces = 0;
    while (pieces < 3 && (await body.readAhead()) !== undefined) pieces++;
    return { body, pieces };
  };
  const first = await read();
  expect([first.pieces, budget.used]).toEqual([3, 5 * MIB]);
  // 3 MiB are left: enough for what it has read, not for what it would have to.
  const second = await read();
  expect([second.pieces, budget.used]).toEqual([1, 5 * MIB]);
  expect(second.body.replayable).toBe(false);
  first.body.found();
  expect(budget.used).toBe(3 * 64 * KIB);
  first.body.forget();
  expect(budget.used).toBe(0);
});

test("a body larger than may be kept reserves no more than that, and can still name its model in time", async () => {
  const budget = new MemoryBudget();
  const body = new ReplayBody(source(1_000, 64 * KIB), budget, 60 * MIB);
  await body.readAhead();
  await body.readAhead();
  expect(budget.used).toBe(KEEP.request);
  body.found();
  expect(budget.used).toBe(128 * KIB);
});

test("once what is kept would be too much nothing is, and the body goes on all the same", async () => {
  const budget = new MemoryBudget();
  const body = new ReplayBody(source(160, 64 * KIB), budget, 10 * MIB);
  await body.readAhead();
  expect(await readAll(body.attempt())).toBe(10 * MIB);
  expect([body.replayable, budget.used]).toEqual([false, 0]);
});

test("a client that stops in the middle breaks the body for every attempt", async () => {
  const body = new ReplayBody(source(2, KIB, "broken"), new MemoryBudget(), 10 * KIB);
  await body.readAhead();
  expect(body.broken).toBe(false);
  await expect(readAll(body.attempt())).rejects.toThrow("the client stopped sending");
  expect(body.broken).toBe(true);
});
