import type { TypedResponse } from "hono";
import type { ApiError } from "../../../shared/api/register.ts";
import type { Problem } from "../../coordinator/api.ts";
import type { AppContext } from "../../host.ts";

export interface Failure extends Omit<Problem, "status"> {
  status: Problem["status"] | 413;
}

export type FailureAnswer = Response & TypedResponse<ApiError, Failure["status"], "json">;

/** The one form in which the management API says that something cannot be. */
export function fail(c: AppContext, { status, code, message, fields, retryAfterS }: Failure): FailureAnswer {
  c.header("x-coordinator-error", code);
  // Also where no route of the management API has said so before.
  c.header("cache-control", "no-store");
  c.header("x-content-type-options", "nosniff");
  if (retryAfterS !== undefined) c.header("retry-after", String(retryAfterS));
  if (status === 401) c.header("www-authenticate", "Bearer");
  return c.json({ error: message, code, ...(fields === undefined ? {} : { fields }) }, status);
}

export function notFound(c: AppContext, what: string, id: string): FailureAnswer {
  return fail(c, { status: 404, code: "not_found", message: `no ${what} with id ${id}` });
}

/** Nobody can be told apart from the admin before there is one. */
export const NOT_CONFIGURED: Problem = {
  status: 503,
  code: "not_configured",
  message: "no admin token is set: give the coordinator one as ADMIN_TOKEN",
};

export function notConfigured(c: AppContext): FailureAnswer {
  return fail(c, NOT_CONFIGURED);
}
