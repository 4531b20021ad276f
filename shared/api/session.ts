import { z } from "zod";

/** `viewer` sees everything but secrets and changes nothing. */
export const ROLES = ["admin", "viewer"] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** `POST /api/admin/session` */
export const sessionCreate = z.strictObject({ token: z.string().trim().min(1).max(1_000) });
export type SessionCreate = z.infer<typeof sessionCreate>;

/** Who uses the dashboard: the answer of `POST` and `GET /api/admin/session`. */
export const sessionView = z.object({
  role,
  /** As the events show it. */
  name: z.string(),
  /** How it came in: a token that was typed, or Cloudflare Access. */
  via: z.enum(["token", "access"]),
  /** Null where something else than the session ends it. */
  expires_at: z.iso.datetime().nullable(),
  /** To be sent as `x-csrf-token` with every call that changes something. */
  csrf_token: z.string(),
});
export type SessionView = z.infer<typeof sessionView>;
