import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { pairingAsked } from "../../../shared/api/pairing.ts";
import { registerRequest, registerResponse } from "../../../shared/api/register.ts";
import { isToken } from "../../../shared/lib/token.ts";
import type { AppEnv } from "../../host.ts";
import { bearerToken } from "./bearer.ts";
import { fail, notConfigured } from "./problem.ts";
import { body, errors, json, limitBody, open } from "./route-parts.ts";
import { tokenFormIfAny, unknownAgent } from "./token-form.ts";

const WHAT_TO_SEND =
  "send Authorization: Bearer TOKEN with a join token (ocj_…, made by POST /api/admin/join-tokens) for a new " +
  "agent, with the agent's own token (oca_…) to update it, or no Authorization at all to ask to be let in";

const route = createRoute({
  method: "post",
  path: "/api/agents/register",
  operationId: "registerAgent",
  summary: "Make a machine known, or update what it said of itself",
  description:
    "With a join token: a new agent, and its token, shown once. With the agent's token: an update that keeps the id. " +
    "Without any: a code that the machine shows, and a secret with which it asks whether somebody has typed the code.",
  tags: ["agents"],
  security: [{ joinToken: [] }, { agentToken: [] }, {}],
  middleware: [...open, tokenFormIfAny(["join", "agent"], WHAT_TO_SEND), limitBody],
  request: { body: body(registerRequest.meta({ id: "RegisterRequest" })) },
  responses: {
    200: json("Registered or updated", registerResponse.meta({ id: "RegisterResponse" })),
    202: json(
      "Waits until somebody lets it in; the only answer that shows code and secret",
      pairingAsked.meta({ id: "PairingAsked" }),
    ),
    ...errors(400, 401, 413, 429, 503),
  },
});

export function register(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, async (c) => {
    const host = c.get("host");
    const machine = c.req.valid("json");
    const token = bearerToken(c);
    if (token === undefined) {
      // Nobody could type the code anywhere.
      if (host.config.adminTokenHash === undefined) return notConfigured(c);
      const result = await host.cell.askPairing(machine, host.callerAddress(c));
      return result.ok ? c.json(result.value, 202) : fail(c, result.error);
    }
    const hash = await host.sha256(token);
    if (isToken("join", token)) {
      const result = await host.cell.register(hash, machine);
      return result.ok ? c.json(result.value, 200) : fail(c, result.error);
    }
    const agent = await host.cell.findAgentByToken(hash);
    if (agent === undefined) return unknownAgent(c);
    const result = await host.cell.updateRegistration(agent.agent_id, machine);
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
}
