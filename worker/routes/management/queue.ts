import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { queueView } from "../../../shared/api/queue.ts";
import type { AppEnv } from "../../host.ts";
import { BAD_CURSOR, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { errors, json, viewer, viewerSecurity } from "./route-parts.ts";

const read = createRoute({
  method: "get",
  path: "/api/admin/queue",
  operationId: "getQueue",
  summary: "Who waits, for what, at which position, and about how long",
  tags: ["queue"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: pageQuery },
  responses: { 200: json("Next first", queueView.meta({ id: "Queue" })), ...errors(400, 401, 503) },
});

/** The line changes all the time: a cursor is a place in it, and a page says what is there now. */
const PLACE = /^\d{1,6}$/;

export function queue(app: OpenAPIHono<AppEnv>): void {
  app.openapi(read, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    if (cursor !== undefined && !PLACE.test(cursor)) return fail(c, BAD_CURSOR);
    return c.json(await c.get("host").cell.getQueue(cursor === undefined ? 0 : Number(cursor), limit), 200);
  });
}
