import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { joinTokenCreate, joinTokenCreated, joinTokenView } from "../../../shared/api/keys.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { BAD_CURSOR, cutPage, pageOf, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { admin, adminSecurity, body, errors, idParam, json, viewer, viewerSecurity } from "./route-parts.ts";

const list = createRoute({
  method: "get",
  path: "/api/admin/join-tokens",
  operationId: "listJoinTokens",
  summary: "Join tokens, oldest first",
  tags: ["join tokens"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: pageQuery },
  responses: {
    200: json("A page of them, without the tokens", pageOf(joinTokenView.meta({ id: "JoinToken" }))),
    ...errors(400, 401, 503),
  },
});

const create = createRoute({
  method: "post",
  path: "/api/admin/join-tokens",
  operationId: "createJoinToken",
  summary: "Make a join token",
  tags: ["join tokens"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(joinTokenCreate.meta({ id: "JoinTokenCreate" })) },
  responses: {
    201: json(
      "The join token; the only answer that shows it",
      joinTokenCreated.meta({ id: "JoinTokenCreated" }),
    ),
    ...errors(400, 401, 413, 503),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/admin/join-tokens/{id}",
  operationId: "deleteJoinToken",
  summary: "Revoke a join token",
  description: "Agents that have joined with it stay.",
  tags: ["join tokens"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam },
  responses: { 204: { description: "Revoked" }, ...errors(401, 404, 503) },
});

export function joinTokens(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const page = cutPage(await c.get("host").cell.listJoinTokens(), c.req.valid("query"));
    return page === undefined ? fail(c, BAD_CURSOR) : c.json(page, 200);
  });
  app.openapi(create, async (c) => {
    const result = await c.get("host").cell.createJoinToken(c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 201) : fail(c, result.error);
  });
  app.openapi(remove, async (c) => {
    const result = await c.get("host").cell.deleteJoinToken(c.req.valid("param").id, actor(c));
    return result.ok ? c.body(null, 204) : fail(c, result.error);
  });
}
