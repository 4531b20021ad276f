import type { AppContext, Principal } from "../host.ts";
import { bearerToken } from "../routes/management/bearer.ts";
import { principalOf } from "./principal.ts";

/** Who opens the dashboard's WebSocket, by cookie, Bearer or Cloudflare Access; undefined: nobody who may. */
export async function dashboardPrincipal(c: AppContext): Promise<Principal | undefined> {
  const found = await principalOf(c);
  return found.ok ? found.value : undefined;
}

/**
 * Whether a WebSocket is opened by a page of this coordinator itself. A browser lets any page open one and sends the cookies along,
 * so the `Origin`, which no page can choose, has to be ours. A program says none, and has to bring a token.
 */
export function sameOrigin(c: AppContext): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined) return bearerToken(c) !== undefined;
  return c.get("host").ownOrigins(c).includes(origin);
}
