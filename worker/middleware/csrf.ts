import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import type { AppContext, Principal } from "../host.ts";
import { mac } from "./mac.ts";

export const CSRF_HEADER = "x-csrf-token";

/** What a page has to send with every change: another site's page cannot read it. */
export function csrfToken(adminTokenHash: string, sessionId: string): Promise<string> {
  return mac(adminTokenHash, "csrf", sessionId);
}

/** Why a change is refused that a browser may have been talked into; undefined: it may go on. Reading changes nothing. */
export async function csrfFault(c: AppContext, principal: Principal): Promise<string | undefined> {
  if (principal.sessionId === undefined || c.req.method === "GET" || c.req.method === "HEAD")
    return undefined;
  const secret = c.get("host").config.adminTokenHash ?? "";
  const sent = c.req.header(CSRF_HEADER);
  if (sent === undefined) {
    return `with a session the header ${CSRF_HEADER} is required: csrf_token of GET /api/admin/session`;
  }
  if (constantTimeEqual(sent, await csrfToken(secret, principal.sessionId))) return undefined;
  return `the header ${CSRF_HEADER} is not this session's: read csrf_token of GET /api/admin/session again`;
}
