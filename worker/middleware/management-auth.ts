import type { MiddlewareHandler } from "hono";
import type { Role } from "../../shared/api/session.ts";
import type { AppEnv } from "../host.ts";
import { fail } from "../routes/management/problem.ts";
import { csrfFault } from "./csrf.ts";
import { principalOf } from "./principal.ts";

/** Lets through who has this role, or the admin's, and says who it is. */
export function allow(role: Role): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const found = await principalOf(c);
    if (!found.ok) return fail(c, found.error);
    const principal = found.value;
    if (role === "admin" && principal.role !== "admin") {
      const message = `'${principal.name}' may look and change nothing: this needs the role admin`;
      return fail(c, { status: 403, code: "forbidden", message });
    }
    const fault = await csrfFault(c, principal);
    if (fault !== undefined) return fail(c, { status: 403, code: "forbidden", message: fault });
    c.set("principal", principal);
    return next();
  };
}
