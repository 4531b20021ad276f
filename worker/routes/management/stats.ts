import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { seriesQuery, seriesView, statsQuery, statsView } from "../../../shared/api/stats.ts";
import type { AppEnv } from "../../host.ts";
import { historyFailed } from "./history-away.ts";
import { errors, json, viewer, viewerSecurity } from "./route-parts.ts";

const totals = createRoute({
  method: "get",
  path: "/api/admin/stats",
  operationId: "getStats",
  summary: "Sums and percentiles of the last while, of everything or of one model, machine or key",
  tags: ["stats"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: statsQuery },
  responses: { 200: json("The figures", statsView.meta({ id: "Stats" })), ...errors(400, 401, 503) },
});

const series = createRoute({
  method: "get",
  path: "/api/admin/stats/series",
  operationId: "getSeries",
  summary: "The same over time, for charts; a range of more than a day comes in steps of an hour at least",
  tags: ["stats"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: seriesQuery },
  responses: {
    200: json("A column for each metric", seriesView.meta({ id: "Series" })),
    ...errors(400, 401, 503),
  },
});

export function stats(app: OpenAPIHono<AppEnv>): void {
  app.openapi(totals, async (c) => {
    try {
      return c.json(await c.get("host").history.stats(c.req.valid("query"), Date.now()), 200);
    } catch (error) {
      return historyFailed(c, error);
    }
  });
  app.openapi(series, async (c) => {
    try {
      return c.json(await c.get("host").history.series(c.req.valid("query"), Date.now()), 200);
    } catch (error) {
      return historyFailed(c, error);
    }
  });
}
