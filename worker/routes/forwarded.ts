import { Hono } from "hono";
import { OLLAMA_ROUTES, type OllamaRoute } from "../../shared/api/ollama-routes.ts";
import type { AppContext, AppEnv, ForwardedCall } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";

/** Request headers that mean something to Ollama; everything else stays here. */
const PASSED_HEADERS = ["content-type", "content-encoding", "accept", "user-agent"];

/** Routes that one of the machines answers, and those that none may. */
export function forwardedRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  for (const route of OLLAMA_ROUTES) {
    if (route.class === "infer" || route.class === "show" || route.class === "manage") {
      const { class: kind } = route;
      if (route.method !== "HEAD") app.on(route.method, route.path, (c) => forward(c, route, kind));
      // Hono looks a HEAD up as GET; a real GET goes on to "method not allowed".
      else app.get(route.path, (c, next) => (c.req.method === "HEAD" ? forward(c, route, kind) : next()));
    } else if (route.class === "account") {
      app.on(route.method, route.path, (c) => refuseAccount(c));
    }
  }
  return app;
}

async function refuseAccount(c: AppContext): Promise<Response> {
  const allowed = await c.get("host").cell.mayCall(c.get("caller"), undefined);
  if (!allowed.ok) return clientError(c, { code: "unauthorized", message: allowed.error.message });
  const message = "this would use the ollama.com account of a machine's owner";
  return clientError(c, { code: "forbidden", message });
}

async function forward(c: AppContext, route: OllamaRoute, kind: ForwardedCall["class"]): Promise<Response> {
  const method = c.req.method === "HEAD" ? "HEAD" : route.method;
  const call: ForwardedCall = {
    id: c.get("requestId"),
    caller: c.get("caller"),
    method,
    endpoint: route.path,
    class: kind,
    dialect: route.dialect,
    since: route.since,
    // The route's own spelling: what an encoded or odd one would mean to Ollama is not ours to guess.
    path: (route.path.includes(":") ? c.req.path : route.path) + queryOf(c, route),
    agent: c.req.header("x-agent"),
    queueEvents: wantsQueueEvents(c, route),
    headers: PASSED_HEADERS.flatMap((name): [string, string][] => {
      const value = c.req.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
    contentLength: bodyLength(c, method),
    modelIn: route.path === "/api/copy" ? "json" : route.model === "path" ? "none" : (route.model ?? "none"),
  };
  return c.get("host").forward(c, call);
}

/** Only for streams of server-sent events: a comment in NDJSON is none, and its clients parse every line. */
function wantsQueueEvents(c: AppContext, route: OllamaRoute): true | undefined {
  const asked = c.req.header("x-coordinator-queue-events") === "1";
  return asked && route.class === "infer" && route.dialect !== "native" ? true : undefined;
}

/** Ollama reads a form with Go's `FormValue`: there a `?model=` of the URL beats the field that was checked here. */
function queryOf(c: AppContext, route: OllamaRoute): string {
  return route.model === "multipart" ? "" : new URL(c.req.url).search;
}

function bodyLength(c: AppContext, method: string): number {
  if (method === "HEAD" || method === "GET") return 0;
  const length = c.req.header("content-length");
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : -1;
  return c.req.header("transfer-encoding") === undefined ? 0 : -1;
}
