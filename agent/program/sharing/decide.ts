import type { Yielding, YieldReason } from "../../../shared/protocol/messages.ts";
import type { SharingRules } from "../owner-settings.ts";
import type { SharingStatus } from "../status.ts";
import { isOpen, nextOpening } from "./schedule.ts";

/** Until then, or until the owner resumes. */
export interface Pause {
  until: Date | undefined;
}

/** What is known of the machine; what is not known never makes it yield. */
export interface SharingFacts {
  pause: Pause | undefined;
  onMains: boolean | undefined;
  /** Other programs use a GPU more than the owner's threshold, and what is to be said of them. */
  gpuBusy: { program: string | undefined } | undefined;
  fullScreen: boolean | undefined;
}

const SHARING: SharingStatus = { state: "sharing" };

/** Longest text that goes to the coordinator, characters. */
const DETAIL_CHARS = 200;

/** Whether the machine is shared now; of several reasons against it the first of `YIELD_REASONS` is told. */
export function decide(rules: SharingRules, facts: SharingFacts, now: Date): SharingStatus {
  const { pause, onMains, gpuBusy, fullScreen } = facts;
  if (pause !== undefined && (pause.until === undefined || now < pause.until)) {
    return yields("paused", { until: pause.until });
  }
  if (rules.mains_only && onMains === false) return yields("on_battery");
  if (!isOpen(rules.schedule, now)) {
    return yields("outside_schedule", { until: nextOpening(rules.schedule, now) });
  }
  if (rules.gpu_threshold !== null && gpuBusy !== undefined) {
    return yields("gpu_busy", { detail: gpuBusy.program });
  }
  if (rules.yield_to_full_screen && fullScreen === true) return yields("full_screen");
  return SHARING;
}

function yields(
  reason: YieldReason,
  { detail, until }: { detail?: string | undefined; until?: Date | undefined } = {},
): SharingStatus {
  return {
    state: "yielding",
    reason,
    detail: detail?.slice(0, DETAIL_CHARS) ?? null,
    until: writable(until)?.toISOString() ?? null,
  };
}

/** A coordinator takes no years of more than four digits, and would close the connection. */
function writable(until: Date | undefined): Date | undefined {
  return until !== undefined && until.getUTCFullYear() <= 9_999 ? until : undefined;
}

/** The same for `Agent.setSharing`. */
export function yieldingOf(status: SharingStatus): Yielding | null {
  if (status.state === "sharing") return null;
  const { reason, detail, until } = status;
  return { reason, ...(detail === null ? {} : { detail }), ...(until === null ? {} : { until }) };
}
