import { PAIRING, type PairingApproved, type PairingAsked } from "../../../shared/api/pairing.ts";
import type { RegisterRequest } from "../../../shared/api/register.ts";
import type { Clock } from "../clock.ts";
import { backoffDelay } from "../connection/backoff.ts";
import { below } from "../coordinator-url.ts";
import type { Observe } from "../observer.ts";
import type { ProxyRoute } from "../proxy.ts";
import { askToPair, fetchDecision } from "./pairing-calls.ts";
import type { Patience } from "./patience.ts";

/** How often a coordinator may be asked, whatever it says, ms. */
const POLL_MS = { least: 500, most: 30_000 };
/** A full waiting room may have a place again at any moment: no longer than this between two attempts, ms. */
const MOST_BETWEEN_MS = 30_000;

export interface PairDeps {
  clock: Clock;
  random(): number;
  proxy: ProxyRoute;
  observe: Observe;
  patience: Patience;
}

export type Paired =
  | { type: "paired"; agent: PairingApproved }
  | { type: "stopped" }
  | NotPaired
  | { type: "fatal"; message: string };

/** Nobody let this machine in. */
export interface NotPaired {
  type: "not_paired";
  why: "expired" | "rejected";
  message: string;
}

/**
 * Asks to be let in, shows the code and waits until somebody has typed it, however the network behaves meanwhile; gives up
 * when the code is over.
 * @param base the coordinator's URL
 * @param machine asked at each attempt
 */
export async function pair(base: string, machine: () => RegisterRequest, deps: PairDeps): Promise<Paired> {
  const asked = await ask(base, machine, deps);
  return asked.type === "asked" ? decision(base, asked.asked, deps) : asked;
}

async function ask(
  base: string,
  machine: () => RegisterRequest,
  deps: PairDeps,
): Promise<{ type: "asked"; asked: PairingAsked } | Exclude<Paired, { type: "paired" }>> {
  const { clock, observe, patience, proxy, random } = deps;
  const since = clock.now();
  for (let attempt = 0; !patience.over; attempt++) {
    observe({ type: "registering", url: base });
    const result = await askToPair(base, machine(), { proxy, clock, signal: patience.signal });
    if (patience.over) break;
    if (result.ok) return { type: "asked", asked: result.asked };
    if (!result.retry) return { type: "fatal", message: result.message };
    const backoff = backoffDelay({ attempt, failingForMs: clock.now() - since, random: random() });
    const inMs = Math.max(backoff, Math.min(result.retryAfterMs ?? 0, MOST_BETWEEN_MS));
    observe({ type: "retrying", inMs, reason: result.message });
    await patience.wait(inMs);
  }
  return { type: "stopped" };
}

async function decision(base: string, asked: PairingAsked, deps: PairDeps): Promise<Paired> {
  const { clock, observe, patience, proxy, random } = deps;
  const since = clock.now();
  const show = (): void =>
    observe({
      type: "pairing",
      code: asked.pairing_code,
      dashboardUrl: below(base, "/dashboard").href,
      expiresAt: asked.expires_at,
    });
  show();
  let pollMs = pollEvery(asked.poll_after_ms);
  let unheard = 0;
  let inMs = pollMs;
  // The coordinator says when the code is over; this is for one that cannot be reached any more.
  while (clock.now() - since < PAIRING.lifetime_ms + 2 * pollMs) {
    await patience.wait(inMs);
    if (patience.over) return { type: "stopped" };
    // Not cut short by a stop: it may bring the token, and who has been let in should come back as the same machine.
    const decided = await fetchDecision(base, asked.pairing_secret, { proxy, clock });
    switch (decided.type) {
      case "approved":
        return { type: "paired", agent: decided.agent };
      case "rejected":
        return {
          type: "not_paired",
          why: "rejected",
          message: `this machine was not let in at ${base}: ask whoever runs the coordinator, then start the agent again`,
        };
      case "expired":
        return clock.now() - since < PAIRING.lifetime_ms - POLL_MS.most ? over(base) : tooLate(base);
      case "pending":
        pollMs = pollEvery(decided.pollAfterMs);
        inMs = pollMs;
        // Whoever shows the trouble learns that it is over.
        if (unheard > 0) show();
        unheard = 0;
        break;
      case "unheard":
        inMs = Math.max(pollMs, backoffDelay({ attempt: unheard++, failingForMs: 0, random: random() }));
        observe({ type: "retrying", inMs, reason: decided.message });
    }
  }
  return tooLate(base);
}

function pollEvery(ms: number): number {
  return Math.min(Math.max(ms, POLL_MS.least), POLL_MS.most);
}

/** Before its time: it made room for others, or the agent that it stood for was removed. */
function over(base: string): NotPaired {
  return {
    type: "not_paired",
    why: "expired",
    message: `this machine's code is not valid any more at ${base}: start the agent again for a new code`,
  };
}

function tooLate(base: string): NotPaired {
  const minutes = PAIRING.lifetime_ms / 60_000;
  return {
    type: "not_paired",
    why: "expired",
    message: `nobody let this machine in at ${base} within ${minutes} minutes: start the agent again for a new code`,
  };
}
