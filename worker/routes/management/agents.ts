import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { agentPatch, agentView } from "../../../shared/api/agents.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { fail, notFound } from "./problem.ts";
import { admin, adminSecurity, body, errors, idParam, json, viewer, viewerSecurity } from "./route-parts.ts";

export const agentSchema = agentView.meta({ id: "Agent" });

const list = createRoute({
  method: "get",
  path: "/api/agents",
  operationId: "listAgents",
  summary: "All agents",
  tags: ["agents"],
  security: viewerSecurity,
  middleware: viewer,
  responses: { 200: json("Every machine that has registered", z.array(agentSchema)), ...errors(401, 503) },
});

const read = createRoute({
  method: "get",
  path: "/api/agents/{id}",
  operationId: "getAgent",
  summary: "One agent",
  tags: ["agents"],
  security: viewerSecurity,
  middleware: viewer,
  request: { params: idParam },
  responses: { 200: json("The agent", agentSchema), ...errors(401, 404, 503) },
});

const patch = createRoute({
  method: "patch",
  path: "/api/agents/{id}",
  operationId: "changeAgent",
  summary: "Change an agent",
  tags: ["agents"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam, body: body(agentPatch.meta({ id: "AgentPatch" })) },
  responses: { 200: json("The agent as it is now", agentSchema), ...errors(400, 401, 404, 409, 413, 503) },
});

const remove = createRoute({
  method: "delete",
  path: "/api/agents/{id}",
  operationId: "removeAgent",
  summary: "Remove an agent",
  description: "Its token is void from now on; its connection is closed and the agent stops.",
  tags: ["agents"],
  security: adminSecurity,
  middleware: admin,
  request: { params: idParam },
  responses: { 204: { description: "Removed" }, ...errors(401, 404, 503) },
});

export function agents(app: OpenAPIHono<AppEnv>): void {
  app.openapi(list, async (c) => c.json(await c.get("host").cell.listAgents(), 200));
  app.openapi(read, async (c) => {
    const { id } = c.req.valid("param");
    const agent = await c.get("host").cell.getAgent(id);
    return agent === undefined ? notFound(c, "agent", id) : c.json(agent, 200);
  });
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid("param");
    const result = await c.get("host").cell.patchAgent(id, c.req.valid("json"), actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
  app.openapi(remove, async (c) => {
    const result = await c.get("host").cell.deleteAgent(c.req.valid("param").id, actor(c));
    return result.ok ? c.body(null, 204) : fail(c, result.error);
  });
}
