import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ApiError, apiError } from "../../../shared/api/register.ts";
import { ADMIN_TOKEN, bench, tokenOf } from "./testing/bench.ts";
import { ACCESS_ID, AGENT_ID, JOIN_ID, KEY_ID } from "./testing/fake-cell.ts";
import { type Operation, operationsOf } from "./testing/operations.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const operations = await operationsOf(await bench());

describe("what succeeds", () => {
  test.each([
    ["GET", "/api/agents", undefined, 200, ["listAgents"]],
    ["GET", `/api/agents/${AGENT_ID}`, undefined, 200, ["getAgent", AGENT_ID]],
    [
      "PATCH",
      `/api/agents/${AGENT_ID}`,
      { name: " a " },
      200,
      ["patchAgent", AGENT_ID, { name: "a" }, "admin"],
    ],
    ["DELETE", `/api/agents/${AGENT_ID}`, undefined, 204, ["deleteAgent", AGENT_ID, "admin"]],
    ["POST", `/api/agents/${AGENT_ID}/drain`, undefined, 200, ["drainAgent", AGENT_ID, true, "admin"]],
    ["POST", `/api/agents/${AGENT_ID}/resume`, undefined, 200, ["drainAgent", AGENT_ID, false, "admin"]],
    ["POST", `/api/agents/${AGENT_ID}/disconnect`, undefined, 200, ["disconnectAgent", AGENT_ID, "admin"]],
    [
      "POST",
      "/api/admin/keys",
      { name: "x" },
      201,
      ["createKey", { name: "x", permissions: ["infer"], path: false }, "admin"],
    ],
    [
      "PATCH",
      `/api/admin/keys/${KEY_ID}`,
      { models: null },
      200,
      ["patchKey", KEY_ID, { models: null }, "admin"],
    ],
    ["DELETE", `/api/admin/keys/${KEY_ID}`, undefined, 204, ["deleteKey", KEY_ID, "admin"]],
    [
      "POST",
      "/api/admin/join-tokens",
      undefined,
      201,
      ["createJoinToken", { name: "join token", expires_in_s: 86_400, max_uses: 1 }, "admin"],
    ],
    ["DELETE", `/api/admin/join-tokens/${JOIN_ID}`, undefined, 204, ["deleteJoinToken", JOIN_ID, "admin"]],
    ["GET", "/api/admin/tokens", undefined, 200, ["listAccessTokens"]],
    [
      "POST",
      "/api/admin/tokens",
      { name: " x ", role: "admin" },
      201,
      ["createAccessToken", { name: "x", role: "admin" }, "admin"],
    ],
    ["DELETE", `/api/admin/tokens/${ACCESS_ID}`, undefined, 204, ["deleteAccessToken", ACCESS_ID, "admin"]],
    ["GET", "/api/admin/settings", undefined, 200, ["getSettings"]],
    [
      "PUT",
      "/api/admin/settings",
      { queue: { timeout_s: 9 } },
      200,
      ["putSettings", { queue: { timeout_s: 9 } }, "admin"],
    ],
  ])("%s %s", async (method, path, body, status, call) => {
    const { ask, world } = await bench();
    const response = await ask(method, path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-coordinator-error")).toBeNull();
    expect(world.journal[0]).toEqual(call);
    expect((await response.text()) === "").toBe(status === 204);
  });

  test("agents are a plain array", async () => {
    const { ask } = await bench();
    expect(await (await ask("GET", "/api/agents")).json()).toEqual([
      expect.objectContaining({ id: AGENT_ID }),
    ]);
  });

  test("drain and resume answer the agent as it is then", async () => {
    const { ask } = await bench();
    const drained = await ask("POST", `/api/agents/${AGENT_ID}/drain`);
    expect(await drained.json()).toMatchObject({ id: AGENT_ID, draining: true });
    const resumed = await ask("POST", `/api/agents/${AGENT_ID}/resume`);
    expect(await resumed.json()).toMatchObject({ draining: false });
  });

  test("the secret is in the answer to its creation and in no other", async () => {
    const { ask } = await bench();
    expect(await (await ask("POST", "/api/admin/keys", { name: "x" })).json()).toHaveProperty("key");
    expect(await (await ask("POST", "/api/admin/join-tokens", {})).json()).toHaveProperty("token");
    expect(await (await ask("POST", "/api/admin/tokens", { name: "x" })).json()).toHaveProperty("token");
    expect(await (await ask("GET", "/api/admin/tokens")).text()).not.toContain('"token"');
    expect(await (await ask("GET", "/api/admin/keys")).text()).not.toContain('"key"');
    expect(await (await ask("GET", "/api/admin/join-tokens")).text()).not.toContain('"token"');
  });
});

describe("what the cell refuses", () => {
  test.each(operations.filter(({ path }) => path.includes("{id}")))(
    "$method $path of an unknown id is 404",
    async ({ method, path, fields }) => {
      const { ask } = await bench();
      const body = fields === undefined ? undefined : {};
      for (const id of [UNKNOWN, "no-uuid", "%00", "..%2f..", "__proto__"]) {
        const response = await ask(method, path.replace("{id}", id), body);
        expect(response.status).toBe(404);
        expect(response.headers.get("x-coordinator-error")).toBe("not_found");
        expect(await response.json()).toMatchObject({ code: "not_found", error: expect.any(String) });
      }
    },
  );

  test("its status, code and fields are passed on", async () => {
    const { ask } = await bench();
    const response = await ask("PUT", "/api/admin/settings", { cors_origins: ["*"] });
    expect(response.status).toBe(409);
    expect(response.headers.get("x-coordinator-error")).toBe("locked");
    expect(await response.json()).toEqual({
      error: "cors_origins: locked",
      code: "locked",
      fields: { cors_origins: "is set by the environment" },
    });
  });
});

test.each([
  ["GET", "/"],
  ["GET", "/api/tags"],
  ["POST", "/api/chat"],
  ["GET", "/api/admin"],
  ["GET", "/api/admin/unknown"],
  ["POST", "/api/agents"],
  ["PUT", `/api/agents/${AGENT_ID}`],
  ["GET", "/api/agents/register/x"],
  ["GET", "/api/health"],
  ["POST", "/healthz"],
  ["OPTIONS", "/api/agents"],
])("%s %s is left to others", async (method, path) => {
  const { app } = await bench();
  const response = await app.request(path, { method });
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("left to others");
  expect(response.headers.get("cache-control")).toBeNull();
});

test("a fault of the cell is the app's to answer", async () => {
  const { ask, host } = await bench();
  host.cell = { ...host.cell, listAgents: () => Promise.reject(new Error("reset")) };
  const response = await ask("GET", "/api/agents");
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ error: "Error: reset", code: "internal" });
});

/** Values that are right for one field or another, so that some bodies get past the schemas. */
const plausible = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown[]>("x", 1, 60, 500, true, null, "least-loaded", "10.0.0.7"),
  },
  fc.constantFrom<unknown[]>(AGENT_ID, "2026-01-31T12:00:00Z", ["infer"], ["*"], { timeout_s: 5 }, "5xx"),
  { weight: 2, arbitrary: fc.jsonValue() },
);

function requestOf({ method, path, query, fields, statuses }: Operation) {
  const names = fc.constantFrom("unknown", "__proto__", "constructor", ...(fields ?? []), ...query);
  const entries = (values: fc.Arbitrary<unknown>) => fc.array(fc.tuple(names, values), { maxLength: 8 });
  const whole = plausible.chain((value) =>
    fc.tuple(
      fc.constant(Object.fromEntries((fields ?? []).map((name) => [name, value]))),
      entries(plausible),
    ),
  );
  return fc.record({
    method: fc.constant(method),
    documented: fc.constant(statuses),
    path: fc.constantFrom(AGENT_ID, KEY_ID, JOIN_ID, "x").map((id) => path.replace("{id}", id)),
    query: entries(
      fc.oneof(
        plausible.map((value) => JSON.stringify(value) ?? ""),
        fc.string(),
      ),
    ),
    body:
      fields === undefined
        ? fc.constant(undefined)
        : fc.oneof(
            {
              weight: 4,
              arbitrary: whole.map(([all, some]) => JSON.stringify({ ...all, ...Object.fromEntries(some) })),
            },
            {
              weight: 4,
              arbitrary: entries(plausible).map((some) => JSON.stringify(Object.fromEntries(some))),
            },
            fc.constant("{}"),
            fc.json(),
            fc.string(),
          ),
    type: fc.oneof(
      { weight: 9, arbitrary: fc.constant("application/json") },
      fc.constantFrom("text/plain", "*/*", ";"),
    ),
    token: fc.constantFrom(ADMIN_TOKEN, tokenOf("join", 2), tokenOf("agent", 3)),
  });
}

test("whatever is sent, the answer is a documented one below 500, and an error is JSON with a code", {
  timeout: 60_000,
}, async () => {
  const { app } = await bench();
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...operations.map(requestOf)), async (sent) => {
      const query = new URLSearchParams(sent.query.map(([name, value]) => [name, String(value)]));
      const response = await app.request(`${sent.path}?${query}`, {
        method: sent.method,
        headers: { authorization: `Bearer ${sent.token}`, "content-type": sent.type },
        ...(sent.body === undefined ? {} : { body: sent.body }),
      });
      seen.add(response.status);
      expect(response.status).toBeLessThan(500);
      expect(sent.documented).toContain(String(response.status));
      expect(response.headers.get("cache-control")).toBe("no-store");
      if (response.status < 400) return;
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      const error: ApiError = await response.json();
      expect(apiError.safeParse(error).success).toBe(true);
      expect(response.headers.get("x-coordinator-error")).toBe(error.code);
      expect(error.error).not.toBe("");
      if (response.status === 400) expect(Object.keys(error.fields ?? {})).not.toEqual([]);
    }),
    // One seed: the check below asks what this very run has met.
    { numRuns: 2_000, seed: 5 },
  );
  expect([...seen].sort()).toEqual(expect.arrayContaining([200, 201, 204, 400, 401, 404]));
});
