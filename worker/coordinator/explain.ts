import type { ErrorCode } from "../../shared/api/errors.ts";
import type { YieldReason } from "../../shared/protocol/messages.ts";
import { SAFETY_HEADERS } from "./answer-headers.ts";
import type { Call } from "./api.ts";
import type { Ledger } from "./ledger.ts";

/** What every forwarded answer says of where it comes from, and why. */
export function explainHeaders(call: Call, ledger: Ledger): [string, string][] {
  const headers: [string, string][] = [
    ...SAFETY_HEADERS,
    ["x-request-id", call.id],
    // Header values are Latin-1; a machine's name need not be.
    ["x-coordinator-agent", encodeName(ledger.agent?.name ?? "")],
    ["x-coordinator-attempts", String(call.attempt)],
    ["x-coordinator-queue-ms", String(Math.round(ledger.queueMs))],
    ["x-coordinator-reason", ledger.reason ?? ""],
  ];
  if (ledger.substitute !== undefined) {
    headers.push(["x-coordinator-model", encodeName(ledger.substitute)]);
  }
  return headers;
}

function encodeName(name: string): string {
  return /^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name);
}

const YIELDING: Record<YieldReason, string> = {
  paused: "paused",
  on_battery: "on battery",
  outside_schedule: "outside their hours",
  gpu_busy: "the GPU is in use",
  full_screen: "a full-screen program is in front",
  updating: "Ollama is being updated",
};

/** Texts for a client; the one for an unknown model is Ollama's own. */
export function refusalMessage(
  code: ErrorCode,
  model: string,
  yielding: readonly YieldReason[] = [],
): string {
  switch (code) {
    case "no_agents":
      return "no machine is online";
    case "model_not_found":
      return `model '${model}' not found`;
    case "model_offline":
      return yielding.length === 0
        ? `model '${model}' is only on machines that are offline or not ready`
        : `model '${model}' is only on machines that their owners need now: ${yielding.map((reason) => YIELDING[reason]).join(", ")}`;
    case "queue_full":
      return "too many requests are waiting";
    case "queue_timeout":
      return "no machine became free in time";
    default:
      return code;
  }
}
