import type { MiddlewareHandler } from "hono";
import type { Role } from "../../shared/api/session.ts";
import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import type { AppEnv } from "../host.ts";
import { bearerToken } from "../routes/management/bearer.ts";
import { fail, notConfigured } from "../routes/management/problem.ts";

/** Lets through who has this role, or the admin's, and says who it is. */
export function allow(_role: Role): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const host = c.get("host");
    const expected = host.config.adminTokenHash;
    if (expected === undefined) return notConfigured(c);
    const token = bearerToken(c);
    if (token === undefined) {
      const message = "the admin token is required: Authorization: Bearer ADMIN_TOKEN";
      return fail(c, { status: 401, code: "unauthorized", message });
    }
    if (!constantTimeEqual(await host.sha256(token), expected)) {
      return fail(c, { status: 401, code: "unauthorized", message: "this is not the admin token" });
    }
    c.set("principal", { role: "admin", name: "admin", via: "admin_token" });
    return next();
  };
}
