import { getCookie } from "hono/cookie";
import type { RemoteJWKSet } from "jose";
import type { Role } from "../../shared/api/session.ts";
import type { Problem, Result } from "../coordinator/api.ts";
import type { AccessConfig, AppContext, Principal } from "../host.ts";

export const ACCESS_HEADER = "cf-access-jwt-assertion";
const COOKIE = "CF_Authorization";

/** Each team's keys. `jose` keeps them for ten minutes, and asks again for one that it does not know. */
const keySets = new Map<string, RemoteJWKSet>();

/** What `jose` says when the keys could not be had: no fault of the token. */
const AWAY = new Set(["ERR_JWKS_TIMEOUT", "ERR_JOSE_GENERIC", "ERR_JWKS_INVALID"]);

/** Whom Cloudflare Access has let in, from its signed token; undefined when Access is not used or sends none. */
export async function accessPrincipal(c: AppContext): Promise<Result<Principal> | undefined> {
  const { access } = c.get("host").config;
  if (access === undefined) return undefined;
  const token = c.req.header(ACCESS_HEADER) ?? getCookie(c, COOKIE);
  if (token === undefined) return undefined;
  if ("fault" in access) return refused(503, "not_configured", access.fault);
  // Only who uses Access pays for this library.
  const { jwtVerify, createRemoteJWKSet } = await import("jose");
  let keys = keySets.get(access.teamDomain);
  if (keys === undefined) {
    keys = createRemoteJWKSet(new URL(`${access.teamDomain}/cdn-cgi/access/certs`));
    keySets.set(access.teamDomain, keys);
  }
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: access.teamDomain,
      audience: access.audience,
      algorithms: ["RS256"],
      requiredClaims: ["exp"],
    });
    return principalOf(payload.email, access, payload.exp ?? 0);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (error instanceof TypeError || AWAY.has(code)) {
      const message = `the keys of ${access.teamDomain} could not be fetched: try again, or use a token`;
      return refused(503, "access_unavailable", message);
    }
    return refused(
      401,
      "unauthorized",
      `the token of Cloudflare Access is not valid (${code}): sign in again`,
    );
  }
}

/** @param exp when the token ends, seconds since the epoch */
function principalOf(claimed: unknown, access: AccessConfig, exp: number): Result<Principal> {
  if (typeof claimed !== "string" || claimed === "") {
    return refused(
      403,
      "forbidden",
      "the token of Cloudflare Access names no email: a service token is no person",
    );
  }
  // Of plain letters only: another address must not become one of the lists by being written small.
  const email = claimed.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const role = roleOf(email, access);
  if (role === undefined) {
    const message = `Cloudflare Access has let ${email} in, but neither ACCESS_ADMINS nor ACCESS_VIEWERS names them`;
    return refused(403, "forbidden", message);
  }
  // A feed that is open asks nobody again: it has to know when to end.
  const expiresAt = new Date(exp * 1_000).toISOString();
  return { ok: true, value: { role, name: email, via: "access", expiresAt, sessionId: `access ${email}` } };
}

/** Who is in both lists is an admin; who is in none is nobody here: a policy of Access that is too wide must not make admins. */
function roleOf(email: string, { admins, viewers }: AccessConfig): Role | undefined {
  const isIn = (list: readonly string[]): boolean =>
    list.some((entry) => entry === "*" || (entry.startsWith("@") ? email.endsWith(entry) : email === entry));
  return isIn(admins) ? "admin" : isIn(viewers) ? "viewer" : undefined;
}

function refused(status: Problem["status"], code: string, message: string): Result<never> {
  return { ok: false, error: { status, code, message } };
}
