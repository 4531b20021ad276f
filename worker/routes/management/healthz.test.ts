import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bench } from "./testing/bench.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("all well is 200, for anyone, also before an admin token is set", async () => {
  const { app, world } = await bench({ adminTokenHash: undefined });
  const response = await app.request("/healthz");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(await response.json()).toEqual({ status: "ok" });
  expect(world.journal).toEqual([]);
});

test("the database is asked once in 5 s", async () => {
  const { app, history } = await bench();
  for (let n = 0; n < 10; n++) await app.request("/healthz");
  expect(history.pings).toBe(1);
  vi.advanceTimersByTime(4_999);
  await app.request("/healthz");
  expect(history.pings).toBe(1);
  vi.advanceTimersByTime(1);
  await app.request("/healthz");
  expect(history.pings).toBe(2);
});

test("a database that is away is 503, until it is back", async () => {
  const { app, history } = await bench();
  history.away = true;
  const response = await app.request("/healthz");
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: "degraded", history: "unavailable" });
  history.away = false;
  vi.advanceTimersByTime(5_000);
  expect((await app.request("/healthz")).status).toBe(200);
});

test("a database that says nothing is away after 2 s", async () => {
  const { app, history } = await bench();
  history.ping = () => new Promise(() => {});
  const asked = app.request("/healthz");
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await asked).status).toBe(503);
  expect(vi.getTimerCount()).toBe(0);
});
