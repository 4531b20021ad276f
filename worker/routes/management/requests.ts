import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { requestFilter, requestView } from "../../../shared/api/requests.ts";
import type { AppEnv } from "../../host.ts";
import { historyFailed } from "./history-away.ts";
import { pageOf, pageQuery } from "./page.ts";
import { notFound } from "./problem.ts";
import { errors, idParam, json, viewer, viewerSecurity } from "./route-parts.ts";

const requestSchema = requestView.meta({ id: "Request" });

const list = createRoute({
  method: "get",
  path: "/api/admin/requests",
  operationId: "listRequests",
  summary: "Finished requests, newest first",
  tags: ["requests"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: requestFilter.extend(pageQuery.shape) },
  responses: { 200: json("A page of them", pageOf(requestSchema)), ...errors(400, 401, 503) },
});

const read = createRoute({
  method: "get",
  path: "/api/admin/requests/{id}",
  operationId: "getRequest",
  summary: "One finished request",
  tags: ["requests"],
  security: viewerSecurity,
  middleware: viewer,
  request: { params: idParam },
  responses: { 200: json("The request", requestSchema), ...errors(401, 404, 503) },
});

export function requests(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    try {
      return c.json(await c.get("host").history.list(filter, { limit, cursor }), 200);
    } catch (error) {
      return historyFailed(c, error);
    }
  });
  app.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    try {
      const found = await c.get("host").history.get(id);
      return found === undefined ? notFound(c, "request", id) : c.json(found, 200);
    } catch (error) {
      return historyFailed(c, error);
    }
  });
}
