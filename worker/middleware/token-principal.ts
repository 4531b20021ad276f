import type { AccessTokenView } from "../../shared/api/access-tokens.ts";
import { constantTimeEqual } from "../../shared/lib/constant-time.ts";
import { isToken, TOKEN_KINDS, type TokenKind } from "../../shared/lib/token.ts";
import type { Result } from "../coordinator/api.ts";
import type { AppContext, Principal } from "../host.ts";
import { countGuess, rememberWait, waitOf } from "./guess-memory.ts";

const OTHER_KINDS = Object.keys(TOKEN_KINDS).filter((kind): kind is TokenKind => kind !== "admin");

/** Who has this token, and the further token that it is, if it is one. */
export interface TokenHolder {
  principal: Principal;
  accessToken: AccessTokenView | undefined;
}

/** Whether a token may be anything: what this program makes has 256 random bits, which nobody guesses. */
export function isGuessable(token: string): boolean {
  return !isToken("admin", token);
}

/** Whether it is one that this program made for something else. */
export function isOfOtherKind(token: string): boolean {
  return OTHER_KINDS.some((kind) => isToken(kind, token));
}

/**
 * Finds out whose token this is: the coordinator's own or a further one. The right admin token costs no round trip; after too
 * many wrong ones a caller's tokens are not looked at any more, except those that nobody could have guessed.
 */
export async function holderOf(
  c: AppContext,
  token: string,
  adminTokenHash: string,
): Promise<Result<TokenHolder>> {
  const host = c.get("host");
  const hash = await host.sha256(token);
  // From here to the count nothing is awaited: guesses that are sent at once would all find it as it was before them.
  const guessable = isGuessable(token);
  const wait = guessable ? waitOf(c) : 0;
  if (wait > 0) {
    const message = `too many wrong tokens from this address: try again in ${wait} s`;
    return { ok: false, error: { status: 429, code: "rate_limited", message, retryAfterS: wait } };
  }
  if (constantTimeEqual(hash, adminTokenHash)) {
    const principal: Principal = { role: "admin", name: "admin", via: "admin_token", expiresAt: null };
    return { ok: true, value: { principal, accessToken: undefined } };
  }
  if (isOfOtherKind(token)) {
    const message = "this token is of another kind: the admin token is required, or a further one (oct_…)";
    return { ok: false, error: { status: 401, code: "unauthorized", message } };
  }
  if (guessable) countGuess(c);
  const checked = await host.cell.checkToken(hash, host.callerAddress(c), guessable);
  if (!checked.ok) {
    if (checked.error.retryAfterS !== undefined) rememberWait(c, checked.error.retryAfterS);
    return checked;
  }
  const { id, role, name, expires_at } = checked.value;
  const principal: Principal = { role, name, via: "token", expiresAt: expires_at, tokenId: id };
  return { ok: true, value: { principal, accessToken: checked.value } };
}
