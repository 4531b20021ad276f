import fc from "fast-check";
import { expect, test } from "vitest";
import { Contract } from "../../test/support/contract.ts";
import { createApp } from "../app.ts";
import type { Host } from "../host.ts";
import { type ApiCall, type ApiDocument, apiCalls } from "./testing/api-calls.ts";
import { type ApiWorld, apiWorld } from "./testing/api-world.ts";

/** Fixed, so that a run that fails fails again; another one by hand: `SEED=1 RUNS=2000 vitest run --project serve …`. */
const seed = Number(process.env.SEED ?? 20_260_131);
const numRuns = Number(process.env.RUNS ?? 60);

/** A machine that fetches its token makes the one before it void: it does that with a secret of its own, which no page has. */
const CHANGING_GETS = new Set(["fetchPairing"]);

let host: Host;
const app = createApp(() => host);
const freshWorld = (): Promise<ApiWorld> =>
  apiWorld(app, (made) => {
    host = made;
  });

const first = await freshWorld();
const description = await (await app.request("/openapi.json")).text();
const document: ApiDocument = JSON.parse(description);
const contract = new Contract(description);
first.close();

const seen = new Set<string>();

async function play(world: ApiWorld, call: ApiCall): Promise<void> {
  const before = world.state();
  const response = await app.request(`${call.path}?${new URLSearchParams(call.query)}`, {
    method: call.method,
    headers: call.headers,
    ...(call.body === undefined ? {} : { body: call.body }),
  });
  const body = await response.text();
  expect(response.status, body).toBeLessThan(500);
  const fault = contract.fault({
    method: call.method,
    path: new URL(response.url || `http://x${call.path}`, "http://x").pathname,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    body,
  });
  expect(fault).toBeUndefined();
  seen.add(`${call.operation} ${response.status < 400 ? "done" : "refused"}`);
  if (call.method === "GET" && !CHANGING_GETS.has(call.operation)) {
    // That somebody came with a wrong token is told.
    const after = world.state();
    expect(response.status < 400 ? after : after.kept).toEqual(response.status < 400 ? before : before.kept);
  }
  await world.settle();
}

test("whatever is called in whatever order, nothing fails, every answer is a described one, and no GET changes anything", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    // Each world has the same ids and tokens as the first.
    fc.asyncProperty(fc.array(apiCalls(document, first), { minLength: 1, maxLength: 20 }), async (calls) => {
      const world = await freshWorld();
      try {
        for (const call of calls) await play(world, call);
      } finally {
        world.close();
      }
    }),
    { seed, numRuns },
  );
  const operations = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId ?? ""),
  );
  // A run in which nothing was ever reached, or nothing ever succeeded, would show nothing.
  const done = operations.filter((operation) => seen.has(`${operation} done`));
  expect(
    operations.filter((operation) => !seen.has(`${operation} refused`) && !done.includes(operation)),
  ).toEqual([]);
  expect(done.length).toBeGreaterThan(operations.length * 0.8);
});
