import type { AccessTokenView } from "../../../shared/api/access-tokens.ts";
import type { Problem, Result, SignIn } from "../api.ts";
import type { Parts } from "../parts.ts";

type LoginParts = Pick<Parts, "accessTokens" | "logins" | "recorder" | "deps">;

/**
 * The further token with this hash. A right one is let in however often its caller was wrong: nobody guesses 256 bits.
 * @param guessable whether a wrong one counts: a program that still sends a token of ours which was revoked guesses nothing, and
 * must not lock out the person beside it
 */
export function checkToken(
  { accessTokens, logins, deps }: LoginParts,
  hash: string,
  callerAddress: string | null,
  guessable: boolean,
): Result<AccessTokenView> {
  const found = accessTokens.byHash(hash);
  if (found !== undefined) return { ok: true, value: found };
  const message = "the token is not known, or it is revoked or expired";
  if (!guessable) return { ok: false, error: { status: 401, code: "unauthorized", message } };
  const now = deps.clock.now();
  const free = logins.freeAt(callerAddress, now);
  if (free > now) return { ok: false, error: tooMany(free - now) };
  logins.failed(callerAddress, now);
  const next = logins.freeAt(callerAddress, now);
  const retry = next > now ? { retryAfterS: seconds(next - now) } : {};
  return { ok: false, error: { status: 401, code: "unauthorized", message, ...retry } };
}

export function signIn({ logins, recorder, deps }: LoginParts, who: SignIn): Result<null> {
  const now = deps.clock.now();
  const free = logins.freeAt(who.callerAddress, now);
  // Also a right one: whoever guesses would learn that it is, otherwise.
  if (who.guessable && free > now) return { ok: false, error: tooMany(free - now) };
  recorder.event("login", null, { role: who.role, caller_address: who.callerAddress }, who.name);
  return { ok: true, value: null };
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

function tooMany(ms: number): Problem {
  const message = `too many wrong tokens from this address: try again in ${seconds(ms)} s`;
  return { status: 429, code: "rate_limited", message, retryAfterS: seconds(ms) };
}
