import { describe, expect, test } from "vitest";
import { ADMIN_TOKEN, bench, signIn, tokenOf, VIEWER_TOKEN } from "../routes/management/testing/bench.ts";
import { AGENT_ID } from "../routes/management/testing/fake-cell.ts";
import { operationsOf } from "../routes/management/testing/operations.ts";

const adminRoutes = (await operationsOf(await bench())).filter((one) => one.security.includes("adminToken"));
const at = (path: string): string => path.replace("{id}", AGENT_ID);

describe.each(adminRoutes)("$method $path", ({ method, path }) => {
  // What cannot be an admin token is refused without asking anybody; what could be one is asked for, and counted.
  test.each([
    ["no token", undefined, []],
    ["a wrong token", "Bearer wrong", ["checkToken"]],
    ["an admin token of another coordinator", `Bearer ${tokenOf("admin", 9)}`, ["checkToken"]],
    ["the admin token and one character", `Bearer ${ADMIN_TOKEN}x`, ["checkToken"]],
    ["the admin token by another scheme", `Basic ${ADMIN_TOKEN}`, []],
    ["the admin token without a scheme", ADMIN_TOKEN, []],
    ["a client key", `Bearer ${tokenOf("key", 4)}`, []],
    ["a join token", `Bearer ${tokenOf("join", 2)}`, []],
    ["an agent token", `Bearer ${tokenOf("agent", 3)}`, []],
    ["a pairing secret", `Bearer ${tokenOf("pairing", 5)}`, []],
    ["an empty token", "Bearer ", []],
  ])("refuses %s before anything else", async (_, authorization, asked) => {
    const { app, world, history } = await bench();
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await app.request(at(path), { method, headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("x-coordinator-error")).toBe("unauthorized");
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({ error: expect.any(String), code: "unauthorized" });
    expect(world.journal.map(([name]) => name)).toEqual(asked);
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

const isChange = ({ method }: { method: string }): boolean => method !== "GET";
const forViewers = (security: string[]): boolean => security.includes("viewerToken");

describe("a viewer", () => {
  const asViewer = { authorization: `Bearer ${VIEWER_TOKEN}` };

  test.each(adminRoutes.filter(({ security }) => !forViewers(security)))(
    "is refused at $method $path, and nothing is done",
    async ({ method, path }) => {
      const { ask, world } = await bench();
      const response = await ask(method, at(path), undefined, asViewer);
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({
        code: "forbidden",
        error: expect.stringContaining("role admin"),
      });
      expect(world.journal.map(([name]) => name)).toEqual(["checkToken"]);
    },
  );

  test.each(adminRoutes.filter(({ security }) => forViewers(security)))(
    "is let in at $method $path",
    async ({ method, path }) => {
      const { ask } = await bench();
      expect([401, 403, 503]).not.toContain((await ask(method, at(path), undefined, asViewer)).status);
    },
  );

  test("may change nothing but sign out, and reads all but the tokens", () => {
    const named = (one: { method: string; path: string }): string => `${one.method} ${one.path}`;
    expect(adminRoutes.filter((one) => isChange(one) && forViewers(one.security)).map(named)).toEqual([
      "DELETE /api/admin/session",
    ]);
    expect(adminRoutes.filter((one) => !isChange(one) && !forViewers(one.security)).map(named)).toEqual([
      "GET /api/admin/tokens",
    ]);
  });
});

describe("with a session", () => {
  test.each(adminRoutes.filter(isChange))(
    "$method $path needs its CSRF token, and does nothing without",
    async ({ method, path, security }) => {
      expect(security).toContain("csrfToken");
      const on = await bench();
      const mine = await signIn(on);
      const other = await signIn(on);
      on.world.journal.length = 0;
      for (const sent of [undefined, "", "0".repeat(64), other.csrf, mine.csrf.toUpperCase(), mine.cookie]) {
        const headers: Record<string, string> = { cookie: mine.cookie };
        if (sent !== undefined) headers["x-csrf-token"] = sent;
        const response = await on.app.request(at(path), { method, headers });
        expect(response.status).toBe(403);
        expect(await response.json()).toEqual({
          code: "forbidden",
          error: expect.stringContaining("x-csrf-token"),
        });
      }
      expect(on.world.journal).toEqual([]);
      const headers = { cookie: mine.cookie, "x-csrf-token": mine.csrf };
      expect([401, 403, 503]).not.toContain((await on.app.request(at(path), { method, headers })).status);
    },
  );

  test.each(adminRoutes.filter((one) => !isChange(one)))(
    "$method $path needs none, and only reads",
    async ({ method, path, security }) => {
      expect(security).not.toContain("csrfToken");
      const on = await bench();
      const { cookie } = await signIn(on);
      on.world.journal.length = 0;
      const response = await on.app.request(at(path), { method, headers: { cookie } });
      expect([401, 403, 503]).not.toContain(response.status);
      for (const [name] of on.world.journal) expect(name).toMatch(/^(list|get|metrics$)/);
    },
  );
});

test("the matrix covers the routes of the admin", () => {
  expect(adminRoutes.length).toBe(35);
});
