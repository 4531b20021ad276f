import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { accessTokenCreate, accessTokenCreated, accessTokenView } from "../../../shared/api/access-tokens.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { BAD_CURSOR, cutPage, pageOf, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { admin, adminReadSecurity, adminSecurity, body, errors, idParam, json } from "./route-parts.ts";

const list = createRoute({
  method: "get",
  path: "/api/admin/tokens",
  operationId: "listTokens",
  summary: "Further tokens for the management API, oldest first",
  tags: ["access"],
  security: adminReadSecurity,
  middleware: admin,
  request: { query: pageQuery },
  responses: {
    200: json("A page of them, without the tokens", pageOf(accessTokenView.meta({ id: "AccessToken" }))),
    ...errors(400, 401, 503),
  },
});

const create = createRoute({
  method: "post",
  path: "/api/admin/tokens",
  operationId: "createToken",
  summary: "Make a further token",
  description:
    "A viewer sees what there is and changes nothing. The coordinator's own ADMIN_TOKEN is not in this list.",
  tags: ["access"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(accessTokenCreate.meta({ id: "AccessTokenCreate" })) },
  responses: {
    201: json(
      "The token; the only answer that shows it",
      accessTokenCreated.meta({ id: "AccessTokenCreated" }),
    ),
    ...errors(400, 401, 409, 413, 503),
  },
});

const remove = createRoute({
  method: "delete",
  path: "/api/admin/tokens/{id}",
  operationId: "deleteToken",
  summary: "Revoke a further token, and the sessions that were begun with it",
  tags: ["access"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam },
  responses: { 204: { description: "Revoked" }, ...errors(401, 404, 503) },
});

export function accessTokens(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const page = cutPage(await c.get("host").cell.listAccessTokens(), c.req.valid("query"));
    return page === undefined ? fail(c, BAD_CURSOR) : c.json(page, 200);
  });
  app.openapi(create, async (c) => {
    const result = await c.get("host").cell.createAccessToken(c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 201) : fail(c, result.error);
  });
  app.openapi(remove, async (c) => {
    const result = await c.get("host").cell.deleteAccessToken(c.req.valid("param").id, actor(c));
    return result.ok ? c.body(null, 204) : fail(c, result.error);
  });
}
