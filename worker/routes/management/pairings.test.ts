import { describe, expect, test } from "vitest";
import { fail } from "./problem.ts";
import { ADMIN_TOKEN, bench, tokenOf } from "./testing/bench.ts";
import { AGENT_ID, PAIRING_CODE, PAIRING_ID } from "./testing/fake-cell.ts";

const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe("GET /api/agents/pairing", () => {
  test.each([
    ["pending", 202, { status: "pending", expires_at: expect.any(String), poll_after_ms: 3_000 }],
    ["approved", 200, { agent_id: AGENT_ID, agent_token: expect.stringMatching(/^oca_/) }],
    ["rejected", 403, { code: "rejected", error: expect.any(String) }],
    ["expired", 410, { code: "expired", error: expect.any(String) }],
  ] as const)("one that is %s gets %i, which nobody keeps", async (state, status, body) => {
    const { ask, world, host } = await bench();
    world.pairing = state;
    const response = await ask("GET", "/api/agents/pairing", undefined, as(world.pairingSecret));
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual(body);
    expect(world.journal).toEqual([["fetchPairing", await host.sha256(world.pairingSecret)]]);
  });

  test("a secret that is not known is refused", async () => {
    const { ask } = await bench();
    const response = await ask("GET", "/api/agents/pairing", undefined, as(tokenOf("pairing", 8)));
    expect(response.status).toBe(401);
    expect(response.headers.get("x-coordinator-error")).toBe("unauthorized");
  });

  test.each([
    ["nothing", undefined],
    ["an empty token", "Bearer "],
    ["garbage", "Bearer garbage"],
    ["the code", `Bearer ${PAIRING_CODE}`],
    ["a join token", `Bearer ${tokenOf("join", 2)}`],
    ["an agent token", `Bearer ${tokenOf("agent", 3)}`],
    ["the admin token", `Bearer ${ADMIN_TOKEN}`],
  ])("%s is refused without asking the cell", async (_, authorization) => {
    const { app, world } = await bench();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await app.request("/api/agents/pairing", { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: expect.stringContaining("pairing secret") });
    expect(world.journal).toEqual([]);
  });
});

test("the list of those that wait has no codes", async () => {
  const { ask } = await bench();
  const response = await ask("GET", "/api/admin/pairings");
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    items: [{ id: PAIRING_ID, machine_name: "door", caller_address: "192.0.2.9" }],
    next_cursor: null,
  });
  expect(text).not.toMatch(/code|secret|hash/);
});

test("a code lets its machine in, and the answer is the new agent", async () => {
  const { ask, world } = await bench();
  const response = await ask("POST", "/api/admin/pairings/approve", { code: ` ${PAIRING_CODE} ` });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id: AGENT_ID, name: "tower" });
  expect(world.journal).toEqual([["approvePairing", PAIRING_CODE, "admin"]]);
  expect((await ask("POST", "/api/admin/pairings/approve", { code: "XXXX-0000" })).status).toBe(404);
});

test.each([{ code: PAIRING_CODE }, { id: PAIRING_ID }])("%o turns a machine away", async (body) => {
  const { ask, world } = await bench();
  expect((await ask("POST", "/api/admin/pairings/reject", body)).status).toBe(204);
  expect(world.journal).toEqual([["rejectPairing", body, "admin"]]);
});

test("a failure that says when to come again says so in Retry-After", async () => {
  const { app } = await bench();
  app.get("/full", (c) => fail(c, { status: 429, code: "rate_limited", message: "full", retryAfterS: 12 }));
  const response = await app.request("/full");
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "12"]);
  expect(await response.json()).toEqual({ error: "full", code: "rate_limited" });
});
