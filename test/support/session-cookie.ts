import { mac } from "../../worker/middleware/mac.ts";
import { SESSION_COOKIE, type Session } from "../../worker/middleware/session-cookie.ts";
import { encodeText } from "../../worker/routes/management/page.ts";
import { sha256 } from "../../worker/serve/node-deps.ts";
import type { TestHost } from "./hosts/host.ts";

const WEEK_MS = 7 * 86_400_000;

/** A cookie as the coordinator itself writes it, of a session that has been used for a week and ends in `endsInMs`. */
export async function oldSessionCookie(
  host: Pick<TestHost, "url" | "adminToken">,
  endsInMs: number,
): Promise<{ name: string; value: string; url: string }> {
  const now = Date.now();
  const session: Session = {
    id: crypto.randomUUID(),
    role: "admin",
    name: "admin",
    token_id: null,
    since: now + endsInMs - WEEK_MS,
    seen: now,
    secure: false,
  };
  const payload = encodeText(JSON.stringify(session));
  const signature = await mac(sha256(host.adminToken), "session", payload);
  return { name: SESSION_COOKIE, value: `${payload}.${signature}`, url: host.url };
}
