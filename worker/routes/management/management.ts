import { OpenAPIHono } from "@hono/zod-openapi";
import { HTTPException } from "hono/http-exception";
import type { AppContext, AppEnv } from "../../host.ts";
import { accessTokens } from "./access-tokens.ts";
import { agentActions } from "./agent-actions.ts";
import { agents } from "./agents.ts";
import { events } from "./events.ts";
import { requestsExport } from "./export.ts";
import { health } from "./health.ts";
import { healthz } from "./healthz.ts";
import { invalidHook } from "./invalid.ts";
import { joinTokens } from "./join-tokens.ts";
import { keys } from "./keys.ts";
import { metrics } from "./metrics.ts";
import { models } from "./models.ts";
import { openapi } from "./openapi.ts";
import { pairings } from "./pairings.ts";
import { fail } from "./problem.ts";
import { queue } from "./queue.ts";
import { register } from "./register.ts";
import { requests } from "./requests.ts";
import { session } from "./session.ts";
import { settings } from "./settings.ts";
import { stats } from "./stats.ts";

/** Registration and management. Paths and methods that are not its own fall through to whatever comes after. */
export function mountManagement(app: OpenAPIHono<AppEnv>): void {
  const routes = new OpenAPIHono<AppEnv>({ defaultHook: invalidHook });
  routes.onError(unreadableBody);
  for (const mount of [
    register,
    health,
    // Before the agents: `pairing` is no agent's id.
    pairings,
    agents,
    agentActions,
    joinTokens,
    accessTokens,
    session,
    keys,
    queue,
    models,
    // Before the requests: `export` is no request's id.
    requestsExport,
    requests,
    events,
    stats,
    settings,
    healthz,
    metrics,
  ]) {
    mount(routes);
  }
  openapi(routes);
  app.route("/", routes);
}

/** A body that is no JSON reaches no schema: the validator throws it. Everything else is the app's to answer. */
function unreadableBody(error: Error, c: AppContext): Response {
  if (!(error instanceof HTTPException)) throw error;
  const text = error.status === 415 ? "must come with content-type: application/json" : "must be valid JSON";
  return fail(c, { status: 400, code: "bad_request", message: `the body ${text}`, fields: { body: text } });
}
