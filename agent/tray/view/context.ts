import type { LockedSettings, OwnerSettings } from "../../program/owner-settings.ts";
import type { AgentStatus } from "../../program/status.ts";
import type { Format } from "../format.ts";
import type { Language } from "../language.ts";
import type { Words } from "../text/en.ts";

/** What every part of the view is made from. */
export interface Context {
  readonly status: AgentStatus;
  readonly settings: OwnerSettings;
  readonly locked: LockedSettings;
  readonly language: Language;
  readonly words: Words;
  readonly format: Format;
  readonly now: Date;
}

/** Seconds from now until `when`, never below 0. */
export function secondsUntil(when: string, now: Date): number {
  return Math.max(0, (Date.parse(when) - now.getTime()) / 1_000);
}

/** Why a setting cannot be changed here; null where it can. */
export function lockedBecause({ locked, words }: Context, name: keyof OwnerSettings): string | null {
  return locked.includes(name) ? words.common.locked : null;
}

/** A coordinator as a person calls it. */
export function hostOf(coordinatorUrl: string | null): string | null {
  return coordinatorUrl === null ? null : (URL.parse(coordinatorUrl)?.host ?? coordinatorUrl);
}
