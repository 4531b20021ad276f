import type { OpenAPIHono } from "@hono/zod-openapi";
import { isToken } from "../../shared/lib/token.ts";
import { SUBPROTOCOL } from "../../shared/protocol/version.ts";
import type { AppEnv } from "../host.ts";
import { clientError } from "../middleware/client-error.ts";

/** `GET /ws/agent`: the upgrade to the tunnel. Checked here, before the object is woken. */
export function agentSocket(app: OpenAPIHono<AppEnv>): void {
  app.get("/ws/agent", async (c) => {
    const host = c.get("host");
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      return c.text("426 upgrade required: this is the WebSocket of agents", 426, {
        upgrade: "websocket",
        "x-content-type-options": "nosniff",
      });
    }
    const offered = (c.req.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
    if (!offered.includes(SUBPROTOCOL)) {
      return clientError(c, { code: "bad_request", message: `subprotocol must be ${SUBPROTOCOL}` });
    }
    const token = /^Bearer\s+(\S+)\s*$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const agent =
      token !== undefined && isToken("agent", token)
        ? await host.cell.findAgentByToken(await host.sha256(token))
        : undefined;
    if (agent === undefined) {
      return clientError(c, {
        code: "unauthorized",
        message: "the agent token is not known: the agent was removed",
      });
    }
    return host.acceptAgent(c, agent.agent_id);
  });
}
