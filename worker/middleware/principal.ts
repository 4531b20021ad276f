import type { Problem, Result } from "../coordinator/api.ts";
import type { AppContext, Principal } from "../host.ts";
import { bearerToken } from "../routes/management/bearer.ts";
import { NOT_CONFIGURED } from "../routes/management/problem.ts";
import { accessPrincipal } from "./cloudflare-access.ts";
import { endOf, readSession, renewSession } from "./session-cookie.ts";
import { holderOf } from "./token-principal.ts";

const NOBODY: Problem = {
  status: 401,
  code: "unauthorized",
  message: "a token is required: Authorization: Bearer ADMIN_TOKEN, or a session (POST /api/admin/session)",
};

/** Who calls: by a token, by the dashboard's cookie, or by Cloudflare Access. A token that is sent and wrong is not made good by a cookie. */
export async function principalOf(c: AppContext): Promise<Result<Principal>> {
  const { adminTokenHash } = c.get("host").config;
  if (adminTokenHash === undefined) return { ok: false, error: NOT_CONFIGURED };
  const token = bearerToken(c);
  if (token === undefined) return (await browserPrincipal(c)) ?? { ok: false, error: NOBODY };
  const holder = await holderOf(c, token, adminTokenHash);
  return holder.ok ? { ok: true, value: holder.value.principal } : holder;
}

/** Who calls by what a browser sends by itself; undefined when it sends nothing that is valid. */
export async function browserPrincipal(c: AppContext): Promise<Result<Principal> | undefined> {
  const { adminTokenHash } = c.get("host").config;
  // What sessions and CSRF tokens are signed with is the admin token's hash: without it anybody could make one.
  if (adminTokenHash === undefined) return undefined;
  if (c.req.header("cookie") === undefined) return accessPrincipal(c);
  const session = await sessionPrincipal(c, adminTokenHash);
  return session === undefined ? accessPrincipal(c) : { ok: true, value: session };
}

async function sessionPrincipal(c: AppContext, adminTokenHash: string): Promise<Principal | undefined> {
  const session = await readSession(c, adminTokenHash);
  if (session === undefined) return undefined;
  const { id, token_id, role, name } = session;
  const ends = new Date(endOf(session)).toISOString();
  if (token_id === null) {
    await renewSession(c, session, adminTokenHash);
    return { role, name, via: "session", expiresAt: ends, sessionId: id };
  }
  // Asked every time: a token that was revoked a moment ago ends its sessions.
  const token = await c.get("host").cell.findAccessToken(token_id);
  if (token === undefined) return undefined;
  await renewSession(c, session, adminTokenHash);
  const expiresAt = token.expires_at !== null && token.expires_at < ends ? token.expires_at : ends;
  return { role: token.role, name: token.name, via: "session", expiresAt, sessionId: id, tokenId: token_id };
}
