import { describe, expect, test } from "vitest";
import { ADMIN_TOKEN, bench, tokenOf } from "../routes/management/testing/bench.ts";
import { AGENT_ID } from "../routes/management/testing/fake-cell.ts";
import { operationsOf } from "../routes/management/testing/operations.ts";

const adminRoutes = (await operationsOf(await bench())).filter((one) => one.security.includes("adminToken"));
const at = (path: string): string => path.replace("{id}", AGENT_ID);

describe.each(adminRoutes)("$method $path", ({ method, path }) => {
  test.each([
    ["no token", undefined],
    ["a wrong token", "Bearer wrong"],
    ["an admin token of another coordinator", `Bearer ${tokenOf("admin", 9)}`],
    ["the admin token and one character", `Bearer ${ADMIN_TOKEN}x`],
    ["the admin token by another scheme", `Basic ${ADMIN_TOKEN}`],
    ["the admin token without a scheme", ADMIN_TOKEN],
    ["a client key", `Bearer ${tokenOf("key", 4)}`],
    ["a join token", `Bearer ${tokenOf("join", 2)}`],
    ["an agent token", `Bearer ${tokenOf("agent", 3)}`],
    ["a pairing secret", `Bearer ${tokenOf("pairing", 5)}`],
    ["an empty token", "Bearer "],
  ])("refuses %s before anything else, and asks nobody", async (_, authorization) => {
    const { app, world, history } = await bench();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await app.request(at(path), { method, headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("x-coordinator-error")).toBe("unauthorized");
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({ error: expect.any(String), code: "unauthorized" });
    expect(world.journal).toEqual([]);
    expect(history.lists).toEqual([]);
  });

  test("lets the admin in", async () => {
    const { ask } = await bench();
    expect([401, 503]).not.toContain((await ask(method, at(path))).status);
  });

  test("is closed while no admin token is set", async () => {
    const { ask, world } = await bench({ adminTokenHash: undefined });
    const response = await ask(method, at(path));
    expect(response.status).toBe(503);
    expect(response.headers.get("x-coordinator-error")).toBe("not_configured");
    expect(await response.json()).toMatchObject({ code: "not_configured", error: expect.any(String) });
    expect(world.journal).toEqual([]);
  });
});

test("the matrix covers the routes of the admin", () => {
  expect(adminRoutes.length).toBe(25);
});
