import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { type SessionView, sessionCreate, sessionView } from "../../../shared/api/session.ts";
import type { AppContext, AppEnv, Principal } from "../../host.ts";
import { csrfToken } from "../../middleware/csrf.ts";
import { clearSession, endOf, writeSession } from "../../middleware/session-cookie.ts";
import { holderOf, isGuessable } from "../../middleware/token-principal.ts";
import { actor } from "./actor.ts";
import { fail, notConfigured } from "./problem.ts";
import {
  body,
  changeSecurity,
  errors,
  json,
  limitBody,
  open,
  viewer,
  viewerSecurity,
} from "./route-parts.ts";

const path = "/api/admin/session";
const sessionSchema = sessionView.meta({ id: "Session" });

const begin = createRoute({
  method: "post",
  path,
  operationId: "beginSession",
  summary: "Sign in to the dashboard",
  description:
    "Answers with a cookie that no script can read. It ends 12 hours after its last use, after 7 days at the latest.",
  tags: ["access"],
  security: [],
  middleware: [...open, limitBody],
  request: { body: body(sessionCreate.meta({ id: "SessionCreate" })) },
  responses: { 200: json("Who that is", sessionSchema), ...errors(400, 401, 413, 429, 503) },
});

const read = createRoute({
  method: "get",
  path,
  operationId: "getSession",
  summary: "Who am I, and the CSRF token for what I change",
  tags: ["access"],
  security: viewerSecurity,
  middleware: viewer,
  responses: { 200: json("Who that is", sessionSchema), ...errors(401, 503) },
});

const end = createRoute({
  method: "delete",
  path,
  operationId: "endSession",
  summary: "Sign out",
  tags: ["access"],
  security: [...viewerSecurity.filter((one) => !("session" in one || "access" in one)), ...changeSecurity],
  middleware: viewer,
  responses: { 204: { description: "Signed out" }, ...errors(401, 503) },
});

export function session(app: OpenAPIHono<AppEnv>): void {
  app.openapi(begin, async (c) => {
    const host = c.get("host");
    const { adminTokenHash } = host.config;
    if (adminTokenHash === undefined) return notConfigured(c);
    const { token } = c.req.valid("json");
    const holder = await holderOf(c, token, adminTokenHash);
    if (!holder.ok) return fail(c, holder.error);
    const { principal, accessToken } = holder.value;
    const { role, name } = principal;
    const callerAddress = host.callerAddress(c);
    const signed = await host.cell.signIn({ name, role, callerAddress, guessable: isGuessable(token) });
    if (!signed.ok) return fail(c, signed.error);
    const now = Date.now();
    const begun = {
      id: crypto.randomUUID(),
      role,
      name,
      token_id: accessToken?.id ?? null,
      since: now,
      seen: now,
      secure: host.isHttps(c),
    };
    await writeSession(c, begun, adminTokenHash);
    const ends = new Date(endOf(begun)).toISOString();
    const first = accessToken?.expires_at != null && accessToken.expires_at < ends;
    const expiresAt = first ? accessToken.expires_at : ends;
    return c.json(await view(c, { ...principal, via: "session", expiresAt, sessionId: begun.id }), 200);
  });
  app.openapi(read, async (c) => c.json(await view(c, c.get("principal")), 200));
  app.openapi(end, async (c) => {
    const { via, sessionId } = c.get("principal");
    await c.get("host").cell.signOut(actor(c), via === "session" ? sessionId : undefined);
    clearSession(c);
    return c.body(null, 204);
  });
}

async function view(c: AppContext, principal: Principal): Promise<SessionView> {
  const { role, name, via, expiresAt, sessionId } = principal;
  const secret = c.get("host").config.adminTokenHash ?? "";
  return {
    role,
    name,
    via: via === "access" ? "access" : "token",
    expires_at: expiresAt,
    csrf_token: sessionId === undefined ? "" : await csrfToken(secret, sessionId),
  };
}
