import {
  type PairingApproved,
  type PairingAsked,
  pairingApproved,
  pairingAsked,
  pairingPending,
} from "../../../shared/api/pairing.ts";
import type { RegisterRequest } from "../../../shared/api/register.ts";
import { below } from "../coordinator-url.ts";
import { type ExchangeDeps, exchange, type Failed, failed, inTheWay, notUnderstood } from "./exchange.ts";

/** Asks a coordinator, without any token, to let this machine in. @param base its URL */
export async function askToPair(
  base: string,
  machine: RegisterRequest,
  deps: ExchangeDeps,
): Promise<{ ok: true; asked: PairingAsked } | Failed> {
  const url = below(base, "/api/agents/register");
  const answered = await exchange({ url, method: "POST", token: undefined, body: machine }, deps);
  if (!answered.ok) return answered;
  const { answer } = answered;
  const failure = inTheWay(url, answer, deps.proxy);
  if (failure !== undefined) return failure;
  // A coordinator of an older release.
  if (answer.status === 401) {
    const why = answer.error === undefined ? "" : `: ${answer.error.text}`;
    return failed(
      false,
      `${base} lets no machine in without a join token (HTTP 401${why}): give one with JOIN_TOKEN or --join-token`,
    );
  }
  const parsed = pairingAsked.safeParse(answer.status === 202 ? answer.json : undefined);
  return parsed.success ? { ok: true, asked: parsed.data } : notUnderstood(url, answer, 202);
}

export type Decision =
  | { type: "pending"; pollAfterMs: number }
  | { type: "approved"; agent: PairingApproved }
  | { type: "rejected" }
  | { type: "expired" }
  /** Nothing that a coordinator says: a network or a proxy in between. */
  | { type: "unheard"; message: string };

/** Asks whether somebody has let this machine in. */
export async function fetchDecision(base: string, secret: string, deps: ExchangeDeps): Promise<Decision> {
  const url = below(base, "/api/agents/pairing");
  const answered = await exchange({ url, method: "GET", token: secret }, deps);
  if (!answered.ok) return { type: "unheard", message: answered.message };
  const { answer } = answered;
  const { status, error } = answer;
  const approved = pairingApproved.safeParse(status === 200 ? answer.json : undefined);
  if (approved.success) return { type: "approved", agent: approved.data };
  const pending = pairingPending.safeParse(status === 202 ? answer.json : undefined);
  if (pending.success) return { type: "pending", pollAfterMs: pending.data.poll_after_ms };
  // With the coordinator's own code: a proxy's or a login page's 403 decides nothing.
  if (status === 403 && error?.code === "rejected") return { type: "rejected" };
  // Unknown: it was so long ago that the coordinator has forgotten it.
  if (status === 410 && error?.code === "expired") return { type: "expired" };
  if (status === 401 && error?.code === "unauthorized") return { type: "expired" };
  const failure = inTheWay(url, answer, deps.proxy) ?? notUnderstood(url, answer, 200);
  return { type: "unheard", message: failure.message };
}
