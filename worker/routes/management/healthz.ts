import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import type { AppEnv, HistoryReader, Host } from "../../host.ts";
import { json, open } from "./route-parts.ts";

const CACHE_MS = 5_000;
const PING_TIMEOUT_MS = 2_000;

const route = createRoute({
  method: "get",
  path: "/healthz",
  operationId: "getHealth",
  summary: "Whether the coordinator and its history database work",
  tags: ["operation"],
  security: [],
  middleware: open,
  responses: {
    200: json("All well", z.object({ status: z.literal("ok") })),
    503: json(
      "Requests are served, but not remembered: the history database does not answer",
      z.object({ status: z.literal("degraded"), history: z.literal("unavailable") }),
    ),
  },
});

export function healthz(app: OpenAPIHono<AppEnv>): void {
  // The answer is kept, not the promise: on Workers one request must not wait for another's I/O.
  const known = new WeakMap<Host, { until: number; well: boolean }>();
  app.openapi(route, async (c) => {
    const host = c.get("host");
    let state = known.get(host);
    if (state === undefined || state.until <= Date.now()) {
      const well = await answers(host.history);
      state = { until: Date.now() + CACHE_MS, well };
      known.set(host, state);
    }
    if (state.well) return c.json({ status: "ok" as const }, 200);
    return c.json({ status: "degraded" as const, history: "unavailable" as const }, 503);
  });
}

async function answers(history: HistoryReader): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PING_TIMEOUT_MS);
  try {
    return await Promise.race([late, history.ping().then(() => true)]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
