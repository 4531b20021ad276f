import type { AppContext } from "../host.ts";
import { isGuessable, isOfOtherKind } from "./token-principal.ts";
import { WrongTokens } from "./wrong-tokens.ts";

const wrong = new WrongTokens();

/**
 * Whether what came as a key may be compared with the admin token: the client API must be no way around the limit of the login.
 * Counted here and not by the object: many clients send some word as their key, and each would cost a round trip.
 */
export function mayBeAdmin(c: AppContext, key: string): boolean {
  return !isGuessable(key) || wrong.waitMs(c) === 0;
}

/** It was compared, and it is not the admin token. */
export function countWrongKey(c: AppContext, key: string): void {
  if (isGuessable(key) && !isOfOtherKind(key)) wrong.count(c);
}
