import { z } from "zod";
import { command, commandResult } from "../command.ts";
import { ownerSettings } from "../owner-settings.ts";
import { agentStatus } from "../status.ts";

/** What the two ends of the control socket say, a JSON object a line. Server's greeting, client's proof, server's proof, then requests. */
export const CONTROL_PROTOCOL = 1;

const nonce = z.string().regex(/^[0-9a-f]{32}$/);
const proof = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.number().int().nonnegative();

export const greeting = z.object({ protocol: z.number().int(), pid: z.number().int(), nonce });
export type Greeting = z.infer<typeof greeting>;

export const clientProof = z.object({ nonce, proof });
export const serverProof = z.object({ proof });

/** Instead of any line, before the connection is closed. */
export const refusal = z.object({ refused: z.string() });

export const controlRequest = z.discriminatedUnion("type", [
  z.strictObject({ id, type: z.literal("status") }),
  /** Answered with the status now and after each change, until `unwatch`. */
  z.strictObject({ id, type: z.literal("watch") }),
  z.strictObject({ id, type: z.literal("unwatch"), watch: id }),
  z.strictObject({ id, type: z.literal("perform"), command }),
  z.strictObject({ id, type: z.literal("settings") }),
  z.strictObject({ id, type: z.literal("log") }),
]);
export type ControlRequest = z.infer<typeof controlRequest>;
export type RequestType = ControlRequest["type"];

export const controlAnswer = z.union([
  z.object({ id, error: z.string() }),
  /** Of the shape that `ANSWER_VALUES` has for what was asked. */
  z.object({ id, value: z.json() }),
]);

export const ANSWER_VALUES = {
  status: agentStatus,
  watch: agentStatus,
  unwatch: z.null(),
  perform: commandResult,
  settings: z.object({ settings: ownerSettings, locked: z.array(ownerSettings.keyof()) }),
  log: z.array(z.string()),
} satisfies Record<RequestType, z.ZodType>;
