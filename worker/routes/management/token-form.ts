import type { MiddlewareHandler } from "hono";
import { isToken, type TokenKind } from "../../../shared/lib/token.ts";
import type { AppContext, AppEnv } from "../../host.ts";
import { bearerToken } from "./bearer.ts";
import { type FailureAnswer, fail } from "./problem.ts";

/**
 * Refuses what cannot be a token of these kinds, by form and checksum alone: before a body is read or the cell is asked.
 * @param whatToSend for the error, after "a token is required: "
 */
export function tokenForm(kinds: readonly TokenKind[], whatToSend: string): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const token = bearerToken(c);
    if (token === undefined) return unauthorized(c, `a token is required: ${whatToSend}`);
    if (!kinds.some((kind) => isToken(kind, token))) {
      return unauthorized(c, `the token is of another kind or not complete: ${whatToSend}`);
    }
    return next();
  };
}

/** The same, and lets those through who send no Authorization at all. */
export function tokenFormIfAny(kinds: readonly TokenKind[], whatToSend: string): MiddlewareHandler<AppEnv> {
  const check = tokenForm(kinds, whatToSend);
  return (c, next) => (c.req.header("authorization") === undefined ? next() : check(c, next));
}

export function unauthorized(c: AppContext, message: string): FailureAnswer {
  return fail(c, { status: 401, code: "unauthorized", message });
}

export function unknownAgent(c: AppContext): FailureAnswer {
  return unauthorized(c, "the agent token is not known: the agent was removed; register with a join token");
}
