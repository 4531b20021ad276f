import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { bench } from "./testing/bench.ts";
import { documentOf, operationsOf } from "./testing/operations.ts";

const ROUTES = [
  "DELETE /api/admin/join-tokens/{id}",
  "DELETE /api/admin/keys/{id}",
  "DELETE /api/admin/models/{name}/placement",
  "DELETE /api/admin/session",
  "DELETE /api/admin/tokens/{id}",
  "DELETE /api/agents/{id}",
  "GET /api/admin/events",
  "GET /api/admin/join-tokens",
  "GET /api/admin/keys",
  "GET /api/admin/models",
  "GET /api/admin/pairings",
  "GET /api/admin/queue",
  "GET /api/admin/requests",
  "GET /api/admin/requests/export",
  "GET /api/admin/requests/{id}",
  "GET /api/admin/session",
  "GET /api/admin/settings",
  "GET /api/admin/stats",
  "GET /api/admin/stats/series",
  "GET /api/admin/tokens",
  "GET /api/agents",
  "GET /api/agents/pairing",
  "GET /api/agents/{id}",
  "GET /healthz",
  "GET /metrics",
  "GET /openapi.json",
  "PATCH /api/admin/keys/{id}",
  "PATCH /api/agents/{id}",
  "POST /api/admin/join-tokens",
  "POST /api/admin/keys",
  "POST /api/admin/pairings/approve",
  "POST /api/admin/pairings/reject",
  "POST /api/admin/session",
  "POST /api/admin/tokens",
  "POST /api/agents/register",
  "POST /api/agents/{id}/disconnect",
  "POST /api/agents/{id}/drain",
  "POST /api/agents/{id}/resume",
  "POST /api/health",
  "PUT /api/admin/models/{name}/placement",
  "PUT /api/admin/settings",
];

test("the document has every route and no other", async () => {
  const operations = await operationsOf(await bench());
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(ROUTES);
});

test("every mounted handler is described", async () => {
  const { app } = await bench();
  const mounted = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{\.\+\})?/, "{$1}")}`);
  expect([...new Set(mounted)].sort()).toEqual(ROUTES);
});

test("every reference in the document leads somewhere", async () => {
  const document = await documentOf(await bench());
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(references.length).toBeGreaterThan(20);
  for (const [, name = ""] of references) expect(document.components.schemas).toHaveProperty(name);
});

test("every security scheme that a route names is defined", async () => {
  const app = await bench();
  const { securitySchemes } = (await documentOf(app)).components;
  for (const { security } of await operationsOf(app)) {
    for (const name of security) expect(securitySchemes).toHaveProperty(name);
  }
});

test("anyone may read it, also before an admin token is set", async () => {
  const { app } = await bench({ adminTokenHash: undefined });
  const response = await app.request("/openapi.json");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ openapi: "3.1.0", info: { title: "Ollama Coordinator" } });
});

test("a body is described with its bounds, and a page with its limit", async () => {
  const document = JSON.stringify(await documentOf(await bench()));
  expect(document).toContain('"maximum":500');
  expect(document).toContain('"enum":["auto","round-robin","least-loaded","weighted"]');
});

test("a validator of OpenAPI 3.1 has nothing to say against it", async () => {
  const document = { ...(await documentOf(await bench())) };
  const validator = new Validator();
  expect(await validator.validate(document)).toEqual({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("every operation has a name of its own, says what it does, and what may go wrong", async () => {
  const { paths } = await documentOf(await bench());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method} ${path}`, ...operation })),
  );
  for (const { route, operationId, summary, tags, security, responses, requestBody } of operations) {
    expect(operationId, route).toMatch(/^[a-z]+([A-Z][a-z]*)*$/);
    expect(summary, route).toMatch(/^[A-Z].{5,}[^.]$/);
    expect(tags?.length, route).toBe(1);
    expect(security, route).toBeDefined();
    const statuses = Object.keys(responses);
    expect(statuses.filter((status) => /^[123]/.test(status)).length, route).toBeGreaterThan(0);
    // Whoever needs a token may have a wrong one, and a body may be wrong or too large.
    if (security?.some((scheme) => Object.keys(scheme).length > 0)) expect(statuses, route).toContain("401");
    if (requestBody !== undefined) expect(statuses, route).toEqual(expect.arrayContaining(["400", "413"]));
  }
  const names = operations.map(({ operationId }) => operationId);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test("every pattern in it is one that a JSON Schema validator can use", async () => {
  const patterns: string[] = [];
  JSON.stringify(await documentOf(await bench()), (name, value: unknown) => {
    if (name === "pattern" && typeof value === "string") patterns.push(value);
    return value;
  });
  expect(patterns.length).toBeGreaterThan(3);
  for (const pattern of patterns) {
    expect(() => new RegExp(pattern, "u")).not.toThrow();
    expect(pattern).toMatch(/^\^.*\$$/);
  }
});
