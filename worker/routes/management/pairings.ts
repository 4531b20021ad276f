import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import {
  pairingApprove,
  pairingApproved,
  pairingPending,
  pairingReject,
  pairingView,
} from "../../../shared/api/pairing.ts";
import type { AppEnv } from "../../host.ts";
import { actor } from "./actor.ts";
import { agentSchema } from "./agents.ts";
import { bearerToken } from "./bearer.ts";
import { BAD_CURSOR, cutPage, pageOf, pageQuery } from "./page.ts";
import { fail } from "./problem.ts";
import { admin, adminSecurity, body, errors, json, open, viewer, viewerSecurity } from "./route-parts.ts";
import { tokenForm } from "./token-form.ts";

const WHAT_TO_SEND =
  "send Authorization: Bearer SECRET with the pairing secret (ocp_…) that POST /api/agents/register gave";

const fetchToken = createRoute({
  method: "get",
  path: "/api/agents/pairing",
  operationId: "fetchPairing",
  summary: "Whether a machine that asked was let in, and its token",
  description:
    "A token that is fetched again makes the one before it void; once the agent has used it there is none to be had.",
  tags: ["agents"],
  security: [{ pairingSecret: [] }],
  middleware: [...open, tokenForm(["pairing"], WHAT_TO_SEND)],
  responses: {
    200: json("It was let in", pairingApproved.meta({ id: "PairingApproved" })),
    202: json("Nobody has decided yet", pairingPending.meta({ id: "PairingPending" })),
    ...errors(401, 403, 410),
  },
});

const list = createRoute({
  method: "get",
  path: "/api/admin/pairings",
  operationId: "listPairings",
  summary: "Machines that wait to be let in, oldest first",
  tags: ["pairings"],
  security: viewerSecurity,
  middleware: viewer,
  request: { query: pageQuery },
  responses: {
    200: json("A page of them, without their codes", pageOf(pairingView.meta({ id: "Pairing" }))),
    ...errors(400, 401, 503),
  },
});

const approve = createRoute({
  method: "post",
  path: "/api/admin/pairings/approve",
  operationId: "approvePairing",
  summary: "Let the machine in that shows this code",
  tags: ["pairings"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(pairingApprove.meta({ id: "PairingApprove" })) },
  responses: { 200: json("The new agent", agentSchema), ...errors(400, 401, 404, 410, 413, 429, 503) },
});

const reject = createRoute({
  method: "post",
  path: "/api/admin/pairings/reject",
  operationId: "rejectPairing",
  summary: "Turn a machine away, by its code or by its id in the list",
  tags: ["pairings"],
  security: adminSecurity,
  middleware: admin,
  request: { body: body(pairingReject.meta({ id: "PairingReject" })) },
  responses: { 204: { description: "Rejected" }, ...errors(400, 401, 404, 409, 410, 413, 429, 503) },
});

export function pairings(app: OpenAPIHono<AppEnv>): void {
  app.openapi(fetchToken, async (c) => {
    const host = c.get("host");
    const result = await host.cell.fetchPairing(await host.sha256(bearerToken(c) ?? ""));
    if (!result.ok) return fail(c, result.error);
    return "agent_token" in result.value ? c.json(result.value, 200) : c.json(result.value, 202);
  });
  app.openapi(list, async (c) => {
    const page = cutPage(await c.get("host").cell.listPairings(), c.req.valid("query"));
    return page === undefined ? fail(c, BAD_CURSOR) : c.json(page, 200);
  });
  app.openapi(approve, async (c) => {
    const result = await c.get("host").cell.approvePairing(c.req.valid("json").code, actor(c));
    return result.ok ? c.json(result.value, 200) : fail(c, result.error);
  });
  app.openapi(reject, async (c) => {
    const result = await c.get("host").cell.rejectPairing(c.req.valid("json"), actor(c));
    return result.ok ? c.body(null, 204) : fail(c, result.error);
  });
}
