import { expect, test } from "vitest";
import type { QueuedRequest } from "../../../../../shared/api/queue.ts";
import { placeOf } from "./queue-place.ts";

const item = (change: Partial<QueuedRequest> = {}): QueuedRequest => ({
  id: "1",
  position: 1,
  estimate_ms: null,
  waited_ms: 5_000,
  arrived_at: "2026-11-23T10:00:00.000Z",
  model: "Qwen3:latest",
  endpoint: "/api/chat",
  key_id: null,
  key_name: null,
  agent_id: null,
  ...change,
});
const CHAT = { model: "qwen3", agent: undefined };
const place = (...items: QueuedRequest[]) => placeOf({ items }, CHAT, "/api/chat", 5_000);

test("of those that wait for the same it is the one that has waited as long", () => {
  expect(
    place(
      item({ position: 1, waited_ms: 7_500 }),
      item({ position: 2, waited_ms: 5_100, estimate_ms: 900 }),
      item({ position: 3, waited_ms: 2_500 }),
    ),
  ).toEqual({ position: 2, estimateMs: 900 });
});

test.each([
  ["another model", { model: "qwen3:8b" }],
  ["another route", { endpoint: "/api/generate" }],
  ["a machine that was not asked for", { agent_id: "a" }],
  ["a minute already", { waited_ms: 60_000 }],
])("what waits for %s is not it", (_, change) => {
  expect(place(item(change))).toBeUndefined();
});

test("a machine that was asked for is looked for by its id", () => {
  const chat = { model: "qwen3", agent: { id: "a", name: "attic" } };
  expect(placeOf({ items: [item({ agent_id: "a" })] }, chat, "/api/chat", 5_000)).toEqual({
    position: 1,
    estimateMs: undefined,
  });
  expect(placeOf({ items: [item()] }, chat, "/api/chat", 5_000)).toBeUndefined();
});
