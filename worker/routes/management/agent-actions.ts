import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { agentSchema } from "./agents.ts";
import { fail, notFound } from "./problem.ts";
import { admin, adminSecurity, errors, idParam, json } from "./route-parts.ts";

const common = {
  method: "post" as const,
  tags: ["agents"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam },
  responses: { 200: json("The agent as it is now", agentSchema), ...errors(401, 404, 503) },
};

const drain = createRoute({
  ...common,
  path: "/api/agents/{id}/drain",
  operationId: "drainAgent",
  summary: "Give an agent no new work",
  description: "What it works on is finished. Until it is resumed, also over restarts.",
});

const resume = createRoute({
  ...common,
  path: "/api/agents/{id}/resume",
  operationId: "resumeAgent",
  summary: "Give a drained agent work again",
});

const disconnect = createRoute({
  ...common,
  path: "/api/agents/{id}/disconnect",
  operationId: "disconnectAgent",
  summary: "Close an agent's connection",
  description: "It may dial in again; to keep it out, remove it.",
});

export function agentActions(app: OpenAPIHono<AppEnv>): void {
  app.openapi(drain, async (c) => {
    const result = await c.get("host").cell.drainAgent(c.req.valid("param").id, true, actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
  app.openapi(resume, async (c) => {
    const result = await c.get("host").cell.drainAgent(c.req.valid("param").id, false, actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
  app.openapi(disconnect, async (c) => {
    const { cell } = c.get("host");
    const { id } = c.req.valid("param");
    const result = await cell.disconnectAgent(id, actor(c));
    if (!result.ok) return fail(c, result.error);
    const agent = await cell.getAgent(id);
    return agent === undefined ? notFound(c, "agent", id) : c.json(agent, 200);
  });
}
