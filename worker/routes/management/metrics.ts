import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppEnv } from "../../host.ts";
import { EXPOSITION_TYPE, exposition } from "./exposition.ts";
import { errors, viewer, viewerSecurity } from "./route-parts.ts";

const route = createRoute({
  method: "get",
  path: "/metrics",
  operationId: "getMetrics",
  summary: "Metrics in Prometheus' text format",
  description:
    "Requests, tokens, latencies, queue, machines, tunnels and history. Counters begin at 0 when the coordinator starts; " +
    "on Cloudflare also when its object is evicted or deployed anew.",
  tags: ["operation"],
  security: viewerSecurity,
  middleware: viewer,
  responses: {
    200: {
      description: "Text format 0.0.4",
      content: { "text/plain": { schema: z.string() } },
    },
    ...errors(401, 503),
  },
});

export function metrics(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, async (c) => {
    const text = exposition(await c.get("host").cell.getMetrics());
    return c.text(text, 200, { "content-type": EXPOSITION_TYPE });
  });
}
