import { setCookie } from "hono/cookie";
import { z } from "zod";
import { role } from "../../shared/api/session.ts";
import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import type { AppContext } from "../host.ts";
import { decodeText, encodeText } from "../routes/management/page.ts";
import { mac } from "./mac.ts";

export const SESSION_COOKIE = "oc_session";

/** A session ends when it was not used for so long, ms. */
const IDLE_MS = 12 * 3_600_000;
/** It ends then however much it is used, ms. */
const MOST_MS = 7 * 86_400_000;
/** Not every answer carries a new cookie: only when the last one is as old as this, ms. */
const RENEW_MS = 3_600_000;

const session = z.strictObject({
  id: z.uuid(),
  role,
  name: z.string(),
  /** Id of the further token that it was begun with: it lives as long as that one. Null: the admin token. */
  token_id: z.uuid().nullable(),
  /** When it began, and when its cookie was last written, ms. */
  since: z.number(),
  seen: z.number(),
  /** It began over https: what renews it says so too, also where the platform cannot tell. */
  secure: z.boolean(),
});
export type Session = z.infer<typeof session>;

/** When a session ends if nobody uses it any more, ms. */
export function endOf({ since, seen }: Session): number {
  return Math.min(since + MOST_MS, seen + IDLE_MS);
}

/** The session that the request's cookie proves; a cookie that is odd in any way is none. */
export async function readSession(c: AppContext, adminTokenHash: string): Promise<Session | undefined> {
  for (const [payload, signature] of sent(c.req.header("cookie") ?? "")) {
    if (!constantTimeEqual(signature, await mac(adminTokenHash, "session", payload))) continue;
    const parsed = session.safeParse(parseJson(decodeText(payload) ?? ""));
    if (parsed.success && Date.now() < endOf(parsed.data)) return parsed.data;
  }
  return undefined;
}

const OURS = new RegExp(`(?:^|;)[ \\t]*${SESSION_COOKIE}=([\\w-]+)\\.([0-9a-f]{64})[ \\t]*(?=;|$)`, "g");
/** Of more cookies than these of our name none is ours. */
const MOST_SENT = 5;

/** A page of a neighbouring domain, or of another port, may set a cookie of this name, which comes first: it must not hide ours. */
function sent(cookies: string): [payload: string, signature: string][] {
  return [...cookies.matchAll(OURS)]
    .slice(0, MOST_SENT)
    .map(([, payload = "", signature = ""]) => [payload, signature]);
}

export async function writeSession(c: AppContext, written: Session, adminTokenHash: string): Promise<void> {
  const payload = encodeText(JSON.stringify(written));
  const value = `${payload}.${await mac(adminTokenHash, "session", payload)}`;
  const maxAge = Math.max(0, Math.floor((endOf(written) - Date.now()) / 1_000));
  put(c, value, maxAge, written.secure);
}

/** Whoever works on stays signed in. */
export async function renewSession(c: AppContext, old: Session, adminTokenHash: string): Promise<void> {
  const now = Date.now();
  if (now - old.seen > RENEW_MS) await writeSession(c, { ...old, seen: now }, adminTokenHash);
}

export function clearSession(c: AppContext): void {
  // In place of a renewal that the check may have written before.
  c.header("set-cookie", undefined);
  put(c, "", 0, c.get("host").isHttps(c));
}

function put(c: AppContext, value: string, maxAge: number, secure: boolean): void {
  setCookie(c, SESSION_COOKIE, value, { path: "/", httpOnly: true, sameSite: "Strict", secure, maxAge });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
