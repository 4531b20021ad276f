import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { keyCreate, keyCreated, keyPatch, keyView } from "../../../shared/api/keys.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { BAD_CURSOR, cutPage, pageOf, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { admin, adminSecurity, body, errors, idParam, json, viewer, viewerSecurity } from "./route-parts.ts";

const keySchema = keyView.meta({ id: "Key" });

const list = createRoute({
  method: "get",
  path: "/api/admin/keys",
  operationId: "listKeys",
  summary: "Client keys, oldest first",
  tags: ["keys"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: pageQuery },
  responses: { 200: json("A page of them, without the keys", pageOf(keySchema)), ...errors(400, 401, 503) },
});

const create = createRoute({
  method: "post",
  path: "/api/admin/keys",
  operationId: "createKey",
  summary: "Make a client key",
  tags: ["keys"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(keyCreate.meta({ id: "KeyCreate" })) },
  responses: {
    201: json("The key; the only answer that shows it", keyCreated.meta({ id: "KeyCreated" })),
    ...errors(400, 401, 413, 503),
  },
});

const patch = createRoute({
  method: "patch",
  path: "/api/admin/keys/{id}",
  operationId: "changeKey",
  summary: "Change a client key",
  tags: ["keys"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam, body: body(keyPatch.meta({ id: "KeyPatch" })) },
  responses: { 200: json("The key as it is now", keySchema), ...errors(400, 401, 404, 413, 503) },
});

const remove = createRoute({
  method: "delete",
  path: "/api/admin/keys/{id}",
  operationId: "deleteKey",
  summary: "Revoke a client key",
  tags: ["keys"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam },
  responses: { 204: { description: "Revoked" }, ...errors(401, 404, 503) },
});

export function keys(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const page = cutPage(await c.get("host").cell.listKeys(), c.req.valid("query"));
    return page === undefined ? fail(c, BAD_CURSOR) : c.json(page, 200);
  });
  app.openapi(create, async (c) => {
    const result = await c.get("host").cell.createKey(c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 201) : fail(c, result.error);
  });
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.get("host").cell.patchKey(id, c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
  app.openapi(remove, async (c) => {
    const result = await c.get("host").cell.deleteKey(c.req.valid("param").id, actor(c));
    return result.ok ? c.body(null, 204) : fail(c, result.error);
  });
}
