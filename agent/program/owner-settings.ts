import { z } from "zod";

/** Local time of day, `HH:MM`. */
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time from 00:00 to 23:59");

/** From `from` until `to`, past midnight where `to` is not later; days are those on which it begins, 0 is Sunday. */
export const scheduleEntry = z.strictObject({
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  from: timeOfDay,
  to: timeOfDay,
});
export type ScheduleEntry = z.infer<typeof scheduleEntry>;

/** When this machine is shared; each rule that does not hold makes it yield. */
export const sharingRules = z.strictObject({
  /** Only while on mains power; a machine without a battery always is. */
  mains_only: z.boolean(),
  /** Only at these times; empty: always. */
  schedule: z.array(scheduleEntry).max(50),
  /** Yields when programs other than Ollama use more of a GPU than this, percent; null: whatever they use. */
  gpu_threshold: z.number().int().min(1).max(100).nullable(),
  /** Yields while a full-screen program (a game, a film, a talk) is in front. */
  yield_to_full_screen: z.boolean(),
});
export type SharingRules = z.infer<typeof sharingRules>;

/** What the owner has decided, as `settings.json` in the state directory keeps it. */
export const ownerSettings = z.strictObject({
  coordinator_url: z.string().nullable(),
  name: z.string().trim().min(1).max(200).nullable(),
  max_concurrency: z.number().int().min(1).max(1024).nullable(),
  /** The coordinator may pull, create, copy and delete models here. */
  allow_manage: z.boolean(),
  /** Requests may use ollama.com cloud models, on the account that this machine's Ollama is signed in with. */
  allow_cloud: z.boolean(),
  /** The tray starts when its user signs in. */
  auto_start: z.boolean(),
  sharing: sharingRules,
  /** A managed Ollama is updated while nothing runs; otherwise only on request. */
  auto_update: z.boolean(),
  /** Empty: the system's. */
  language: z.enum(["", "en", "ja"]),
});
export type OwnerSettings = z.infer<typeof ownerSettings>;

/** Some of them; those that are absent or undefined stay as they are. */
export const ownerSettingsChange = ownerSettings.partial();
export type OwnerSettingsChange = z.infer<typeof ownerSettingsChange>;

export const DEFAULT_OWNER_SETTINGS: OwnerSettings = {
  coordinator_url: null,
  name: null,
  max_concurrency: null,
  allow_manage: false,
  allow_cloud: false,
  auto_start: true,
  sharing: { mains_only: false, schedule: [], gpu_threshold: null, yield_to_full_screen: false },
  auto_update: false,
  language: "",
};

/** Those that the environment or the command line has set: shown, and locked. */
export type LockedSettings = ReadonlyArray<keyof OwnerSettings>;
