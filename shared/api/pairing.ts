import { z } from "zod";
import { gpu } from "../protocol/messages.ts";

const timestamp = z.iso.datetime();

export const PAIRING = {
  /** How long a machine waits to be let in; once approved, how long its token can be fetched. */
  lifetime_ms: 600_000,
  poll_ms: 3_000,
} as const;

/** 202 of `POST /api/agents/register` without a token: the machine shows the code, and asks with the secret. */
export const pairingAsked = z.object({
  status: z.literal("pending"),
  /** For a person to type: `XKCD-4821`. Shown on a terminal as it is, so nothing that one would obey. */
  pairing_code: z.string().regex(/^[\x21-\x7e]{1,32}$/),
  /** The only answer that shows it. */
  pairing_secret: z.string(),
  expires_at: timestamp,
  poll_after_ms: z.number().int().nonnegative(),
});
export type PairingAsked = z.infer<typeof pairingAsked>;

/** 202 of `GET /api/agents/pairing`: nobody has decided yet. */
export const pairingPending = z.object({
  status: z.literal("pending"),
  expires_at: timestamp,
  poll_after_ms: z.number().int().nonnegative(),
});
export type PairingPending = z.infer<typeof pairingPending>;

/** 200 of `GET /api/agents/pairing`. */
export const pairingApproved = z.object({ agent_id: z.uuid(), agent_token: z.string() });
export type PairingApproved = z.infer<typeof pairingApproved>;

/** A machine that waits, as `GET /api/admin/pairings` shows it: without the code, which is typed from its screen. */
export const pairingView = z.object({
  id: z.uuid(),
  machine_name: z.string(),
  /** What the machine says of itself. */
  ip_address: z.string(),
  /** Where the request came from, as this coordinator saw it: a proxy's address behind one. */
  caller_address: z.string().nullable(),
  os: z.string().nullable(),
  agent_version: z.string().nullable(),
  ollama_version: z.string().nullable(),
  gpus: z.array(gpu),
  created_at: timestamp,
  expires_at: timestamp,
});
export type PairingView = z.infer<typeof pairingView>;

/** However a person types it: the brain knows what a code looks like. */
const code = z.string().trim().min(1).max(64);

export const pairingApprove = z.strictObject({ code });
export type PairingApprove = z.infer<typeof pairingApprove>;

/** By its code, or by its id, so that junk can go whose code nobody sees. */
export const pairingReject = z
  .strictObject({ code: code.optional(), id: z.uuid().optional() })
  .refine(({ code, id }) => (code === undefined) !== (id === undefined), {
    message: "or id must be given, and not both",
    path: ["code"],
  });
export type PairingReject = z.infer<typeof pairingReject>;
