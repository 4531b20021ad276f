import type { ErrorCode } from "../../shared/api/errors.ts";
import { type Dialect, findRoute } from "../../shared/api/ollama-routes.ts";
import { errorAnswer } from "../dialects/dialect.ts";
import type { AppContext } from "../host.ts";

/** The dialect in which a path's errors are worded. */
export function dialectOf(c: AppContext): Dialect {
  const method = c.req.method === "HEAD" ? "GET" : c.req.method;
  const route = findRoute(c.req.method, c.req.path) ?? findRoute(method, c.req.path);
  return route?.dialect ?? (c.req.path.startsWith("/v1/") ? "openai" : "native");
}

/** An error of the coordinator, in the dialect of the route. */
export function clientError(
  c: AppContext,
  error: {
    code: ErrorCode;
    message: string;
    retryAfterS?: number | undefined;
    queueMs?: number | undefined;
  },
): Response {
  const answer = errorAnswer(dialectOf(c), error, c.get("requestId"));
  if (error.queueMs !== undefined) c.header("x-coordinator-queue-ms", String(Math.round(error.queueMs)));
  for (const [name, value] of Object.entries(answer.headers)) c.header(name, value);
  return c.newResponse(c.req.method === "HEAD" ? null : answer.body, { status: answer.status as 400 });
}
