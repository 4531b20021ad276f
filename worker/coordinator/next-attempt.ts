import type { Call, Outcome } from "./api.ts";

/** How often a request is sent that no client has seen a byte of. */
const MAX_ATTEMPTS = 3;

/** The same request once more: with its place in the line, and without the agents that have lost it. */
export function nextAttempt(call: Call, lost: Extract<Outcome, { kind: "lost" }>): Call {
  const attempt = call.attempt + 1;
  return {
    ...call,
    attempt,
    avoid: lost.agentId === undefined ? call.avoid : [...call.avoid, lost.agentId],
    ticket: lost.ticket ?? call.ticket,
    lostTo: lost.code,
    tries: lost.tried === undefined ? call.tries : [...(call.tries ?? []), lost.tried],
    mayRetry: call.mayRetry && attempt < MAX_ATTEMPTS,
  };
}
