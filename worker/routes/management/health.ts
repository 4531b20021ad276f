import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { healthRequest } from "../../../shared/api/register.ts";
import type { AppEnv } from "../../host.ts";
import { bearerToken } from "./bearer.ts";
import { fail } from "./problem.ts";
import { body, errors, json, limitBody, open } from "./route-parts.ts";
import { tokenForm, unknownAgent } from "./token-form.ts";

const WHAT_TO_SEND =
  "send Authorization: Bearer TOKEN with the agent's own token (oca_…), which the registration gave";

const route = createRoute({
  method: "post",
  path: "/api/health",
  operationId: "sendHeartbeat",
  summary: "An agent's heartbeat by HTTP",
  description: "Such an agent is online for 60 s, but gets no work without its tunnel.",
  tags: ["agents"],
  security: [{ agentToken: [] }],
  middleware: [...open, tokenForm(["agent"], WHAT_TO_SEND), limitBody],
  request: { body: body(healthRequest.meta({ id: "HealthRequest" })) },
  responses: {
    200: json("Noted", z.object({ status: z.literal("ok") })),
    ...errors(400, 401, 403, 413),
  },
});

export function health(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, async (c) => {
    const host = c.get("host");
    const agent = await host.cell.findAgentByToken(await host.sha256(bearerToken(c) ?? ""));
    if (agent === undefined) return unknownAgent(c);
    const result = await host.cell.health(agent.agent_id, c.req.valid("json"));
    return result.ok ? c.json({ status: "ok" as const }, 200) : fail(c, result.error);
  });
}
