import { expect, test } from "vitest";
import { bench } from "./testing/bench.ts";
import { documentOf, operationsOf } from "./testing/operations.ts";

const ROUTES = [
  "DELETE /api/admin/join-tokens/{id}",
  "DELETE /api/admin/keys/{id}",
  "DELETE /api/admin/models/{name}/placement",
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
  "GET /api/admin/settings",
  "GET /api/admin/stats",
  "GET /api/admin/stats/series",
  "GET /api/agents",
  "GET /api/agents/pairing",
  "GET /api/agents/{id}",
  "GET /healthz",
  "GET /openapi.json",
  "PATCH /api/admin/keys/{id}",
  "PATCH /api/agents/{id}",
  "POST /api/admin/join-tokens",
  "POST /api/admin/keys",
  "POST /api/admin/pairings/approve",
  "POST /api/admin/pairings/reject",
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
