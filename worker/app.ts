import { OpenAPIHono } from "@hono/zod-openapi";
import { cors } from "hono/cors";
import { findRoute, OLLAMA_ROUTES } from "../shared/api/ollama-routes.ts";
import { requestId } from "../shared/lib/request-id.ts";
import type { AppContext, AppEnv, Host } from "./host.ts";
import { clientAuth } from "./middleware/client-auth.ts";
import { clientError } from "./middleware/client-error.ts";
import { agentSocket } from "./routes/agent-socket.ts";
import { dashboard } from "./routes/dashboard.ts";
import { dashboardSocket } from "./routes/dashboard-socket.ts";
import { docs } from "./routes/docs.ts";
import { forwardedRoutes } from "./routes/forwarded.ts";
import { mountManagement } from "./routes/management/management.ts";
import { mergedRoutes } from "./routes/merged.ts";

/** Answer headers that a page's script may read. */
const EXPOSED = [
  "x-request-id",
  "x-coordinator-agent",
  "x-coordinator-attempts",
  "x-coordinator-queue-ms",
  "x-coordinator-reason",
  "x-coordinator-model",
  "x-coordinator-error",
  "x-coordinator-demo",
  "retry-after",
];

/** The whole HTTP surface, the same on every platform. */
export function createApp(hostOf: (c: AppContext) => Host): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();
  app.use(async (c, next) => {
    const host = hostOf(c);
    c.set("host", host);
    c.set("requestId", requestId(Date.now()));
    if (host.config.demo) c.header("x-coordinator-demo", "1");
    return next();
  });
  dashboard(app);
  docs(app);
  app.get("/", (c) => text(c, "Ollama is running", 200));
  agentSocket(app);
  dashboardSocket(app);
  mountManagement(app);

  const crossOrigin = cors({
    origin: async (origin, c: AppContext) => {
      const allowed = await c.get("host").cell.corsOrigins();
      return allowed.includes("*") ? "*" : allowed.includes(origin) ? origin : null;
    },
    allowMethods: ["GET", "HEAD", "POST", "DELETE"],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
  const authenticate = clientAuth();
  for (const path of new Set(OLLAMA_ROUTES.map((route) => route.path))) {
    if (path === "/") continue;
    // Without an Origin there is nothing to say, and the settings need not be asked for.
    app.use(path, (c, next) => {
      if (c.req.header("origin") === undefined) return next();
      if (c.req.method === "OPTIONS") harden(c);
      return crossOrigin(c, next);
    });
    app.use(path, (c, next) => (isKnownMethod(c) ? authenticate(c, next) : next()));
  }
  app.route("/", mergedRoutes());
  app.route("/", forwardedRoutes());

  app.notFound((c) => {
    const known = OLLAMA_ROUTES.some((route) => findRoute(route.method, c.req.path) === route);
    return known ? text(c, "405 method not allowed", 405) : text(c, "404 page not found", 404);
  });
  app.onError((error, c) => {
    console.error(JSON.stringify({ level: "error", message: "unexpected", error: String(error) }));
    return clientError(c, { code: "internal", message: "the coordinator failed; this is a bug" });
  });
  return app;
}

/** Ollama's plain texts. */
function text(c: AppContext, body: string, status: 200 | 404 | 405): Response {
  harden(c);
  return c.text(body, status);
}

/** The headers that every answer of the client API carries. */
function harden(c: AppContext): void {
  c.header("x-content-type-options", "nosniff");
  c.header("content-security-policy", "sandbox");
}

function isKnownMethod(c: AppContext): boolean {
  return (
    findRoute(c.req.method === "HEAD" ? "GET" : c.req.method, c.req.path) !== undefined ||
    findRoute(c.req.method, c.req.path) !== undefined
  );
}
