import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { modelName, modelView, placementPut } from "../../../shared/api/models.ts";
import { canonicalName } from "../../../shared/lib/model-name.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { BAD_CURSOR, decodeText, encodeText, pageOf, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { admin, adminSecurity, body, errors, json, viewer, viewerSecurity } from "./route-parts.ts";

const modelSchema = modelView.meta({ id: "Model" });

/** A name may be as long as this, and is longer in a cursor. */
const query = pageQuery.extend({
  cursor: z.string().max(4_000).optional().meta({ description: "`next_cursor` of the page before" }),
});

const params = z.object({
  name: modelName.meta({ description: "With or without tag; a slash may stand as it is or as `%2F`" }),
});

const list = createRoute({
  method: "get",
  path: "/api/admin/models",
  operationId: "listModels",
  summary: "Models over the fleet, by name",
  description: "What any machine has, also one that is offline, and what is to be kept somewhere.",
  tags: ["models"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query },
  responses: { 200: json("A page of them", pageOf(modelSchema)), ...errors(400, 401, 503) },
});

const common = {
  path: "/api/admin/models/{name}/placement" as const,
  tags: ["models"],
  security: adminSecurity,
  middleware: admin,
};

const put = createRoute({
  ...common,
  method: "put",
  operationId: "putPlacement",
  summary: "Keep a model on that many machines",
  description: "Machines that lack it pull it. Nothing is ever deleted; 0 replicas take the wish back.",
  request: { params, body: body(placementPut.meta({ id: "Placement" })) },
  responses: { 200: json("The model as it is now", modelSchema), ...errors(400, 401, 413, 503) },
});

const remove = createRoute({
  ...common,
  method: "delete",
  operationId: "deletePlacement",
  summary: "No longer keep a model anywhere",
  description: "The machines that have it keep it.",
  request: { params },
  responses: { 204: { description: "Taken back" }, ...errors(400, 401, 404, 503) },
});

/** The same route for a name whose slashes are not encoded; a client that builds the path by hand forgets it. */
const plain = <Route extends { path: string }>(route: Route): Route & { hide: true } => ({
  ...route,
  path: route.path.replace("{name}", "{name}{.+}"),
  hide: true,
});

export function models(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = cursor === undefined ? undefined : decodeText(cursor);
    if (cursor !== undefined && after === undefined) return fail(c, BAD_CURSOR);
    const { items, more } = await c.get("host").cell.listModels({ after, limit });
    const last = items.at(-1);
    const next_cursor = more && last !== undefined ? encodeText(canonicalName(last.name)) : null;
    return c.json({ items, next_cursor }, 200);
  });
  for (const route of [put, plain(put)]) {
    app.openapi(route, async (c) => {
      const { name } = c.req.valid("param");
      const result = await c.get("host").cell.putPlacement(name, c.req.valid("json"), actor(c));
      return result.ok ? c.json(result.value, 200) : fail(c, result.error);
    });
  }
  for (const route of [remove, plain(remove)]) {
    app.openapi(route, async (c) => {
      const result = await c.get("host").cell.deletePlacement(c.req.valid("param").name, actor(c));
      return result.ok ? c.body(null, 204) : fail(c, result.error);
    });
  }
}
