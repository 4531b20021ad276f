import type { Problem } from "../api.ts";
import { MOST_WAITING } from "./room.ts";

interface Refused {
  ok: false;
  error: Problem;
}

const refused = (
  status: Problem["status"],
  code: string,
  message: string,
  more: Partial<Problem> = {},
): Refused => ({ ok: false, error: { status, code, message, ...more } });

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000));

export const unknownSecret = (): Refused =>
  refused(401, "unauthorized", "the pairing secret is not known: ask again with POST /api/agents/register");

export const rejected = (): Refused => refused(403, "rejected", "this machine was not let in");

export const expired = (): Refused =>
  refused(410, "expired", "this pairing is over: start the agent again for a new code");

export const isIn = (agent: string): Refused =>
  refused(409, "conflict", `this machine was let in already, as agent '${agent}': remove that agent instead`);

export const notACode = (): Refused =>
  refused(400, "bad_request", "code must be four letters and four digits, as XKCD-4821", {
    fields: { code: "must be four letters and four digits, as XKCD-4821" },
  });

export const unknownCode = (): Refused =>
  refused(404, "not_found", "no machine that waits shows this code: compare it with the machine's screen");

export const fullHouse = (ms: number): Refused =>
  refused(
    429,
    "rate_limited",
    `${MOST_WAITING} machines wait to be let in already: an operator has to decide on them first, or to give you a join token`,
    { retryAfterS: seconds(ms) },
  );

export const tooMany = (ms: number): Refused =>
  refused(429, "rate_limited", `too many attempts: try again in ${seconds(ms)} s`, {
    retryAfterS: seconds(ms),
  });
