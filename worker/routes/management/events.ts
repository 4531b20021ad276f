import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { eventFilter, eventView } from "../../../shared/api/events.ts";
import type { AppEnv } from "../../host.ts";
import { historyFailed } from "./history-away.ts";
import { pageOf, pageQuery } from "./page.ts";
import { errors, json, viewer, viewerSecurity } from "./route-parts.ts";

const list = createRoute({
  method: "get",
  path: "/api/admin/events",
  operationId: "listEvents",
  summary: "What happened and who did it, newest first",
  tags: ["events"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: eventFilter.extend(pageQuery.shape) },
  responses: {
    200: json("A page of them", pageOf(eventView.meta({ id: "Event" }))),
    ...errors(400, 401, 503),
  },
});

export function events(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid("query");
    try {
      return c.json(await c.get("host").history.listEvents(filter, { limit, cursor }), 200);
    } catch (error) {
      return historyFailed(c, error);
    }
  });
}
