import { eventsText } from "../../text/events/index.ts";
import type { Tone } from "../../ui/badge.tsx";
import { harmless } from "../../ui/harmless.ts";

/** The words for a kind; a kind that is not known is shown as it is. */
export function kindWords(kind: string): string {
  const all: Readonly<Record<string, string>> = eventsText.value.kinds;
  return (Object.hasOwn(all, kind) ? all[kind] : undefined) ?? harmless(kind, 100);
}

export const isKnown = (kind: string): boolean => Object.hasOwn(eventsText.value.kinds, kind);

export function kindHint(kind: string): string | undefined {
  const all: Readonly<Record<string, string | undefined>> = eventsText.value.hints;
  return Object.hasOwn(all, kind) ? all[kind] : undefined;
}

const TONES: Readonly<Record<string, Tone>> = {
  agent_online: "ok",
  agent_shares: "ok",
  agent_resumed: "ok",
  pairing_approved: "ok",
  placement_pull_done: "ok",
  agent_offline: "warn",
  agent_yields: "warn",
  agent_drained: "warn",
  pairing_asked: "warn",
  pairing_code_unknown: "warn",
  registration_refused: "warn",
  placement_pull_cancelled: "warn",
  identity_conflict: "bad",
  login_failed: "bad",
  placement_pull_failed: "bad",
  history_row_refused: "bad",
};

export const toneOf = (kind: string): Tone =>
  (Object.hasOwn(TONES, kind) ? TONES[kind] : undefined) ?? "info";
