import type { Role } from "../../shared/api/session.ts";
import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import type { AppContext } from "../host.ts";
import { bearerToken } from "../routes/management/bearer.ts";

/** Who opens the live feed. */
export interface DashboardPrincipal {
  role: Role;
  /** The access token that it came in with; null: another way. */
  token_id: string | null;
  /** When its session ends, ms; null: something else ends it. */
  expires_at: number | null;
}

/** Who asks for the live feed; undefined: nobody that may look. */
export async function dashboardPrincipal(c: AppContext): Promise<DashboardPrincipal | undefined> {
  const host = c.get("host");
  const token = bearerToken(c);
  if (token === undefined || host.config.adminTokenHash === undefined) return undefined;
  if (!constantTimeEqual(await host.sha256(token), host.config.adminTokenHash)) return undefined;
  return { role: "admin", token_id: null, expires_at: null };
}

/** Whether a page of this very coordinator asks, or no page at all. */
export function sameOrigin(c: AppContext): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === c.req.header("host");
}
