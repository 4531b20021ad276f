import type { MiddlewareHandler } from "hono";
import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import { isToken } from "../../shared/lib/token.ts";
import type { Caller, Result } from "../coordinator/api.ts";
import type { AppContext, AppEnv } from "../host.ts";
import { clientError } from "./client-error.ts";
import { countWrongKey, mayBeAdmin } from "./client-guesses.ts";
import { csrfFault } from "./csrf.ts";
import { openAccessAllowed } from "./open-access.ts";
import { PATH_KEY_HEADER } from "./path-key.ts";
import { browserPrincipal } from "./principal.ts";

/** Finds out who calls the client API: by key, by the admin token, or, where it is allowed, nobody in particular. */
export function clientAuth(): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const host = c.get("host");
    const presented = presentedKey(c);
    const bySession = presented === undefined ? await sessionCaller(c) : undefined;
    if (bySession?.ok === true) {
      c.set("caller", bySession.value);
      return next();
    }
    if (presented === undefined && host.config.clientAuth === "off") {
      const origins = (await host.cell.corsOrigins()).filter((origin) => origin !== "*");
      const request = { host: c.req.header("host") ?? "", origin: c.req.header("origin") };
      if (!openAccessAllowed(request, { hosts: host.config.hosts, origins })) {
        return clientError(c, {
          code: "forbidden",
          message: "this Origin or Host is not allowed without a key",
        });
      }
      c.set("caller", { kind: "anonymous" });
      return next();
    }
    if (bySession !== undefined) {
      return clientError(c, { code: "forbidden", message: bySession.error.message });
    }
    const caller = presented === undefined ? undefined : await identify(c, presented);
    if (caller === undefined) {
      const message =
        presented === undefined
          ? "a key is required: Authorization: Bearer KEY, x-api-key: KEY, or the path prefix /k/KEY"
          : "the key is not known, or it is revoked or expired";
      return clientError(c, { code: "unauthorized", message });
    }
    c.set("caller", caller);
    return next();
  };
}

/** The dashboard's own requests, as its playground sends them; undefined when nobody is signed in. */
async function sessionCaller(c: AppContext): Promise<Result<Caller> | undefined> {
  const found = await browserPrincipal(c);
  if (found?.ok !== true) return undefined;
  const fault =
    found.value.role === "viewer"
      ? `'${found.value.name}' may look and uses no machine: a key is required`
      : await csrfFault(c, found.value);
  if (fault === undefined) return { ok: true, value: { kind: "admin" } };
  return { ok: false, error: { status: 403, code: "forbidden", message: fault } };
}

interface Presented {
  key: string;
  byPath: boolean;
}

function presentedKey(c: AppContext): Presented | undefined {
  const inPath = c.req.header(PATH_KEY_HEADER);
  if (inPath !== undefined) return { key: inPath, byPath: true };
  const bearer = /^Bearer\s+(\S+)\s*$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const key = bearer ?? c.req.header("x-api-key");
  return key === undefined ? undefined : { key, byPath: false };
}

async function identify(c: AppContext, { key, byPath }: Presented): Promise<Caller | undefined> {
  const host = c.get("host");
  if (isToken("key", key)) {
    const found = await host.cell.findKey(await host.sha256(key));
    return found === undefined ? undefined : { kind: "key", key_id: found.key_id, by_path: byPath };
  }
  const admin = host.config.adminTokenHash;
  // An admin token in a URL would end up in other people's logs: it is not looked at there.
  if (admin === undefined || byPath) return undefined;
  const hash = await host.sha256(key);
  // From here to the count nothing is awaited: guesses that are sent at once would all find it as it was before them.
  if (!mayBeAdmin(c, key)) return undefined;
  if (constantTimeEqual(hash, admin)) return { kind: "admin" };
  countWrongKey(c, key);
  return undefined;
}
