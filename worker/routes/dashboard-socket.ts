import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../host.ts";
import { dashboardPrincipal, sameOrigin } from "../middleware/dashboard-socket.ts";
import { fail } from "./management/problem.ts";

/** `GET /ws/dashboard`: the upgrade to the live feed. Checked here, before the object is woken. */
export function dashboardSocket(app: OpenAPIHono<AppEnv>): void {
  app.get("/ws/dashboard", async (c) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      return c.text("426 upgrade required: this is the WebSocket of dashboards", 426, {
        upgrade: "websocket",
        "x-content-type-options": "nosniff",
      });
    }
    const principal = await dashboardPrincipal(c);
    if (principal === undefined) {
      const message = "log in first, or send Authorization: Bearer TOKEN";
      return fail(c, { status: 401, code: "unauthorized", message });
    }
    // A page of another site opens WebSockets with this site's cookies: no browser asks first.
    if (!sameOrigin(c)) {
      const message = "pages of other sites may not open the live feed";
      return fail(c, { status: 403, code: "forbidden", message });
    }
    const { tokenId = null, expiresAt, via, sessionId } = principal;
    const until = expiresAt === null ? null : Date.parse(expiresAt);
    const session = via === "session" && sessionId !== undefined ? { session_id: sessionId } : {};
    return c.get("host").acceptDashboard(c, { token_id: tokenId, until, ...session });
  });
}
