import { z } from "zod";
import { ownerSettingsChange } from "./owner-settings.ts";

const version = z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}(-[0-9A-Za-z.-]{1,32})?$/, "a version as 0.32.1");
const modelName = z.string().trim().min(1).max(300);

/** What a person may ask of a running agent: over the local socket, or from the tray. */
export const command = z.discriminatedUnion("type", [
  /** Until `until` (RFC 3339), or until `resume` where it is null. */
  z.strictObject({ type: z.literal("pause"), until: z.iso.datetime({ offset: true }).nullable() }),
  z.strictObject({ type: z.literal("resume") }),
  /** Shows a new pairing code after the last one was of no use. */
  z.strictObject({ type: z.literal("pair") }),
  /** Answers the question that is open; refused where that is no longer `to`, the kind of the one that was shown. */
  z.strictObject({
    type: z.literal("answer"),
    yes: z.boolean(),
    to: z.enum(["install", "start", "pull"]).optional(),
  }),
  /** undefined: the newest release. */
  z.strictObject({ type: z.literal("install"), version: version.optional() }),
  z.strictObject({ type: z.literal("update"), version: version.optional() }),
  z.strictObject({ type: z.literal("rollback") }),
  z.strictObject({ type: z.literal("uninstall") }),
  z.strictObject({ type: z.literal("pull"), model: modelName }),
  /** Ends the running job; what was downloaded is kept for the next attempt. */
  z.strictObject({ type: z.literal("cancel") }),
  /** Forgets who this agent is. */
  z.strictObject({ type: z.literal("logout") }),
  /** Applies all of the given settings or none. */
  z.strictObject({ type: z.literal("configure"), settings: ownerSettingsChange }),
]);
export type Command = z.infer<typeof command>;

export const commandResult = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true) }),
  /** One line for a person. */
  z.object({ ok: z.literal(false), error: z.string() }),
]);
export type CommandResult = z.infer<typeof commandResult>;
