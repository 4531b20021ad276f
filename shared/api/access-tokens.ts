import { z } from "zod";
import { role } from "./session.ts";

const timestamp = z.iso.datetime();

/** `POST /api/admin/tokens`: a further token for the management API and the dashboard, beside `ADMIN_TOKEN`. */
export const accessTokenCreate = z.strictObject({
  name: z.string().trim().min(1).max(100),
  role: role.default("viewer"),
  expires_at: timestamp.optional(),
});
export type AccessTokenCreate = z.infer<typeof accessTokenCreate>;

export const accessTokenView = z.object({
  id: z.uuid(),
  name: z.string(),
  role,
  /** The first characters of the token, to recognise it by. */
  prefix: z.string(),
  created_at: timestamp,
  expires_at: timestamp.nullable(),
});
export type AccessTokenView = z.infer<typeof accessTokenView>;

/** The only answer that ever shows the token. */
export const accessTokenCreated = accessTokenView.extend({ token: z.string() });
export type AccessTokenCreated = z.infer<typeof accessTokenCreated>;
