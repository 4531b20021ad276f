import type { ErrorCode } from "../../shared/api/errors.ts";
import type { Call, Outcome } from "./api.ts";
import type { ByteSource, ClientSide } from "./client-side.ts";
import type { Clock } from "./deps.ts";
import { explainHeaders } from "./explain.ts";
import { fanOut } from "./fan-out.ts";
import type { Ledger } from "./ledger.ts";
import { manageTargets } from "./manage-targets.ts";
import type { Registry } from "./registry.ts";
import type { Serving } from "./serving.ts";

/** Changing machines: one, or several with one answer. Never sent twice by itself. */
export async function manage(
  call: Call,
  options: {
    clock: Clock;
    registry: Registry;
    serving: Serving;
    windowMs: number;
    ledger: Ledger;
    body: ByteSource | null;
    client: ClientSide;
    refuse: (code: ErrorCode, message: string) => Outcome;
  },
): Promise<Outcome> {
  const { clock, registry, serving, ledger, body, client, refuse } = options;
  const targets = manageTargets(call, registry, clock.now(), options.windowMs);
  if (targets.kind === "refused") return refuse(targets.code, targets.message);
  const [first, ...others] = targets.agents;
  ledger.reason = targets.reason;
  ledger.agent = first;
  if (others.length === 0 && !targets.merged) {
    const end = await serving.run(call, ledger, first, undefined, body, client);
    return serving.conclude(ledger, first, end);
  }
  const end = await fanOut({
    clock,
    agents: targets.agents,
    merged: targets.merged,
    body,
    client,
    headers: explainHeaders(call, ledger),
    run: (agent, copy, side) => serving.run(call, ledger, agent, undefined, copy, side),
  });
  if (end.kind === "refused") return refuse(end.code, end.message);
  return serving.conclude(ledger, first, end.end);
}
